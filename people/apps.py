"""Django's registration of people."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Companies, users, departments, roles and the scopes that limit them."""

    name = "people"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the shipped roles in every database; let mails follow invitations and resets."""
        from django.contrib.auth.signals import user_logged_in

        from core import backup, layout, outbox, pulse, tables
        from core import exports as files
        from people import bootstrap, exports, layouts, mails, saved_views, sessions
        from people.models import Company, User

        for model in (Company, User):
            backup.shows_use(model)
        pulse.register("notices", "people.Notice")
        post_migrate.connect(bootstrap.after_migrate, sender=self)
        user_logged_in.connect(sessions.remember_device, dispatch_uid="people.remember_device")
        for topic, send in (
            (mails.INVITED, mails.send_invitations),
            (mails.RESET, mails.send_resets),
        ):
            outbox.register(consumer=topic, topic=topic, handler=send, batch=1, outside=True)
        outbox.register(
            consumer=exports.TOPIC, topic=exports.TOPIC, handler=exports.run, batch=1, outside=True
        )
        files.register_later(exports.start)
        tables.register_saved(saved_views.of_list)
        layout.register_memory(layouts.load, layouts.keep)
