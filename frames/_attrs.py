"""`frozen` and `define` of attrs, whose classes share the methods that show, compare and hash an object.

attrs writes and compiles these for each class anew: with hundreds of classes that was a fifth of the time that it takes
to import us. So all our modules take the two decorators from here. A type checker sees those of attrs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attrs import define as define
    from attrs import frozen as frozen
else:
    import functools
    import operator
    import reprlib

    import attrs

    def _decorator(maker, hashed):
        def decorate(cls=None, *, eq=True, **settings):
            if cls is None:
                return functools.partial(decorate, eq=eq, **settings)
            methods = {"__repr__": _shown, **({"__eq__": _equal, "__hash__": hashed} if eq else {})}
            for name, method in methods.items():
                if name not in vars(cls):
                    setattr(cls, name, method)
            made = maker(cls, eq=False, **settings)
            fields = attrs.fields(made)
            made._compared = _getter(field.name for field in fields if field.eq)
            made._hashed = _getter(field.name for field in fields if (field.eq if field.hash is None else field.hash))
            return made

        return decorate

    def _getter(names):
        return operator.attrgetter(*(tuple(names) or ("__class__",)))  # what has no fields is all its class is

    def _equal(self, other):
        if other is self:
            return True
        return self._compared(self) == self._compared(other) if other.__class__ is self.__class__ else NotImplemented

    def _hash(self):
        return hash(self._hashed(self))

    @reprlib.recursive_repr()
    def _shown(self):
        fields = (
            f"{field.name}={(repr if field.repr is True else field.repr)(getattr(self, field.name))}"
            for field in attrs.fields(type(self))
            if field.repr
        )
        return f"{type(self).__qualname__.rpartition('>.')[2]}({', '.join(fields)})"

    # Values are small: they cannot be referred to weakly.
    frozen = _decorator(functools.partial(attrs.frozen, weakref_slot=False), _hash)
    define = _decorator(attrs.define, None)
