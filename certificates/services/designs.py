"""Which design a certificate gets."""

from __future__ import annotations

from certificates.models import Design, DesignState, Series
from people import access
from people.models import Unit, UnitAncestor


def design_for(*, series: Series, unit: Unit | None) -> Design:
    """The newest published variant of the series' design for ``unit`` or the nearest unit above it; else the version
    that the series names, which publishing keeps up to date."""
    variants = Design.objects.filter(code=series.design.code, state=DesignState.PUBLISHED).exclude(unit=None)
    if unit is None or not variants.exists():
        return series.design
    above = UnitAncestor.objects.filter(structure=access.current_structure(), descendant=unit)
    near = dict(above.values_list("ancestor", "depth"))
    found = sorted(variants.filter(unit__in=near), key=lambda design: (near[design.unit_id or 0], -design.version))
    return found[0] if found else series.design
