"""The tables that 0001 to 0006 lead to, made at once where there are none yet."""

import core.fields
import core.one_state
import django.db.models.deletion
import django_fsm
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('intake', '0001_initial'), ('intake', '0002_imports'), ('intake', '0003_right_to_import'), ('intake', '0004_device_scans'), ('intake', '0005_progress_of_looks'), ('intake', '0006_typed_quantities')]

    initial = True

    dependencies = [
        ('people', '0004_saved_views_and_exports'),
        ('stock', '0002_more_cost_methods'),
        ('workflows', '0007_number_rules'),
    ]

    operations = [
        core.one_state.InOneState(
            operations=[
                migrations.CreateModel(
                    name='LoadedRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=40, verbose_name='key')),
                        ('content', models.CharField(max_length=40, verbose_name='content')),
                        ('line', models.PositiveIntegerField(verbose_name='line')),
                        ('posting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='stock.posting', verbose_name='posting')),
                        ('warehouse', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='stock.warehouse', verbose_name='warehouse')),
                    ],
                    options={
                        'verbose_name': 'loaded row',
                        'verbose_name_plural': 'loaded rows',
                        'constraints': [models.UniqueConstraint(fields=('warehouse', 'key'), name='loaded_row_once')],
                    },
                ),
                migrations.CreateModel(
                    name='GoingLive',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('start_on', models.DateField(verbose_name='first day')),
                        ('locked_at', models.DateTimeField(null=True, verbose_name='locked')),
                        ('company', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.company')),
                        ('locked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'going live',
                        'verbose_name_plural': 'going live',
                    },
                ),
                migrations.CreateModel(
                    name='Import',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='key')),
                        ('purpose', models.CharField(blank=True, choices=[('opening', 'Opening stock'), ('movements', 'Movements'), ('stocktake', 'Stocktake'), ('items', 'Items'), ('partners', 'Suppliers and customers'), ('orders', 'Orders'), ('boms', 'Bills of materials')], default='', max_length=12, verbose_name='becomes')),
                        ('name', models.CharField(max_length=255, verbose_name='file')),
                        ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                        ('size', models.PositiveBigIntegerField(verbose_name='size')),
                        ('sender', models.CharField(blank=True, default='', max_length=80, verbose_name='sender')),
                        ('state', django_fsm.FSMField(choices=[('draft', 'Being checked'), ('waiting', 'Waits for approval'), ('approved', 'Approved'), ('writing', 'Being written'), ('stopped', 'Stopped'), ('done', 'Written'), ('undoing', 'Being undone'), ('undone', 'Undone'), ('cancelled', 'Cancelled')], default='draft', max_length=10, protected=True, verbose_name='state')),
                        ('wish', models.JSONField(default=dict, verbose_name='said about the file')),
                        ('mends', models.JSONField(default=dict, verbose_name='mends')),
                        ('start_on', models.DateField(blank=True, null=True, verbose_name='first day')),
                        ('summary', models.JSONField(default=dict, verbose_name='what was found')),
                        ('content_hash', models.CharField(blank=True, default='', max_length=64, verbose_name='content')),
                        ('total', models.PositiveIntegerField(default=0, verbose_name='rows to write')),
                        ('written', models.PositiveIntegerField(default=0, verbose_name='written')),
                        ('step', models.CharField(blank=True, default='', max_length=12, verbose_name='step')),
                        ('worker', models.CharField(blank=True, default='', editable=False, max_length=36)),
                        ('beat_at', models.DateTimeField(editable=False, null=True, verbose_name='last sign')),
                        ('stop_asked', models.BooleanField(default=False, editable=False, verbose_name='asked to stop')),
                        ('problem', models.TextField(blank=True, default='', verbose_name='problem')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('created_at', models.DateTimeField(verbose_name='created')),
                        ('submitted_at', models.DateTimeField(null=True, verbose_name='submitted')),
                        ('approved_at', models.DateTimeField(null=True, verbose_name='approved')),
                        ('began_at', models.DateTimeField(null=True, verbose_name='begun')),
                        ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                        ('approver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                        ('asker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
                        ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='people.company', verbose_name='company')),
                        ('warehouse', models.ForeignKey(blank=True, help_text='For rows that name none.', null=True, on_delete=django.db.models.deletion.PROTECT, to='stock.warehouse', verbose_name='warehouse')),
                        ('progress', models.JSONField(editable=False, null=True, verbose_name='how far')),
                    ],
                    options={
                        'verbose_name': 'import',
                        'verbose_name_plural': 'imports',
                        'ordering': ['-id'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('approver__isnull', True), ('asker__isnull', True), models.Q(('approver', models.F('asker')), _negated=True), _connector='OR'), name='import_four_eyes'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'cancelled']), models.Q(('content_hash', ''), _negated=True), _connector='OR'), name='import_bound_to_content')],
                    },
                    bases=(django_fsm.FSMModelMixin, models.Model),
                ),
                migrations.CreateModel(
                    name='ImportedRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sheet', models.CharField(max_length=120, verbose_name='sheet')),
                        ('row', models.PositiveIntegerField(verbose_name='row')),
                        ('at', models.SmallIntegerField(default=-1, verbose_name='column')),
                        ('key', models.CharField(max_length=40, verbose_name='key')),
                        ('mark', models.CharField(blank=True, default='', max_length=40, verbose_name='mark')),
                        ('line_key', models.CharField(blank=True, default='', max_length=36, verbose_name='line')),
                        ('record', models.JSONField(null=True, verbose_name='record')),
                        ('raw', models.JSONField(default=dict, verbose_name='as in the file')),
                        ('undone_at', models.DateTimeField(null=True, verbose_name='undone')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.company')),
                        ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='imported_rows', to='workflows.document', verbose_name='document')),
                        ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='intake.import', verbose_name='import')),
                    ],
                    options={
                        'verbose_name': 'imported row',
                        'verbose_name_plural': 'imported rows',
                        'indexes': [models.Index(fields=['job', 'sheet', 'row'], name='imported_row_place'), models.Index(condition=models.Q(('undone_at__isnull', True), models.Q(('mark', ''), _negated=True)), fields=['company', 'mark'], name='imported_row_mark')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('company', 'key'), name='imported_row_once')],
                    },
                ),
                migrations.CreateModel(
                    name='RememberedMapping',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sender', models.CharField(blank=True, default='', max_length=80, verbose_name='sender')),
                        ('fingerprint', models.CharField(max_length=64, verbose_name='shape of the header')),
                        ('columns', models.JSONField(default=dict, verbose_name='columns')),
                        ('purpose', models.CharField(blank=True, default='', max_length=12, verbose_name='becomes')),
                        ('used_at', models.DateTimeField(verbose_name='last used')),
                        ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.company')),
                    ],
                    options={
                        'verbose_name': 'remembered mapping',
                        'verbose_name_plural': 'remembered mappings',
                        'ordering': ['-used_at'],
                        'constraints': [models.UniqueConstraint(fields=('company', 'sender', 'fingerprint'), name='mapping_once_per_sender')],
                    },
                ),
                migrations.CreateModel(
                    name='Alias',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sender', models.CharField(blank=True, default='', max_length=80, verbose_name='sender')),
                        ('kind', models.CharField(choices=[('item', 'Item'), ('unit', 'Unit'), ('warehouse', 'Warehouse'), ('place', 'Place'), ('partner', 'Partner'), ('department', 'Department'), ('type', 'Type of movement')], max_length=10, verbose_name='kind')),
                        ('text', models.CharField(max_length=200, verbose_name='what the sheet says')),
                        ('code', models.CharField(max_length=80, verbose_name='our code')),
                        ('used_at', models.DateTimeField(verbose_name='last used')),
                        ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.company')),
                    ],
                    options={
                        'verbose_name': 'alias',
                        'verbose_name_plural': 'aliases',
                        'ordering': ['kind', 'text'],
                        'constraints': [models.UniqueConstraint(fields=('company', 'sender', 'kind', 'text'), name='alias_once_per_sender'), models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='alias_means_something')],
                    },
                ),
                migrations.CreateModel(
                    name='HeaderWord',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('word', models.CharField(max_length=80, verbose_name='word')),
                        ('field', models.CharField(max_length=40, verbose_name='field')),
                        ('off', models.BooleanField(default=False, verbose_name='not meant')),
                        ('changed_at', models.DateTimeField(verbose_name='changed')),
                        ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'word of headers',
                        'verbose_name_plural': 'words of headers',
                        'ordering': ['field', 'word'],
                        'constraints': [models.UniqueConstraint(fields=('word', 'field'), name='header_word_once')],
                    },
                ),
                migrations.CreateModel(
                    name='DeviceScan',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.UUIDField(unique=True, verbose_name='key')),
                        ('code', models.CharField(max_length=400, verbose_name='code')),
                        ('line', models.UUIDField(null=True, verbose_name='line')),
                        ('scanned_at', models.DateTimeField(verbose_name='scanned at')),
                        ('taken_at', models.DateTimeField(auto_now_add=True, verbose_name='taken at')),
                        ('result', models.JSONField(verbose_name='result')),
                        ('document', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflows.document', verbose_name='document')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                        ('quantity', core.fields.QuantityField(null=True, verbose_name='quantity')),
                    ],
                    options={
                        'verbose_name': 'scan',
                        'verbose_name_plural': 'scans',
                        'ordering': ['id'],
                    },
                ),
            ],
        ),
    ]
