"""Records that were read together know each other: what one of them names is read for all at once.

So a list of many may be read without its names, and whoever asks for them, one by one, costs one statement.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, prefetch_related_objects
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor


class _Together(ForwardManyToOneDescriptor):
    """Reads the related record for every peer of the record that is asked."""

    def get_object(self, instance: Any) -> Any:
        """The related record."""
        peers: Sequence[Model] | None = instance.__dict__.get("peers")
        if not peers:
            return super().get_object(instance)
        prefetch_related_objects([one for one in peers if not self.is_cached(one)], self.field.name)
        return self.field.get_cached_value(instance)


def know(model: type[Model], *names: str) -> None:
    """Let the foreign keys of ``model`` look at ``peers``, a list that whoever reads records may give each."""
    for name in names:
        setattr(model, name, _Together(model._meta.get_field(name)))
