"""All rules there are, by hand; a new one adds its line here."""

from hub.patterns.p01_accumulation import accumulation
from hub.patterns.p02_continuum import moving_along
from hub.patterns.p03_both_roles import both_roles
from hub.patterns.p04_other_children import other_children
from hub.patterns.p06_arrived import arrived
from hub.patterns.p07_mappa import mappa_not_told
from hub.patterns.p08_young_child import young_child
from hub.patterns.p11_exploitation_overlap import exploitation_overlap
from hub.patterns.p12_disengaging import disengaging
from hub.patterns.p14_criminal_route_closed import nobody_reconvened
from hub.patterns.p16_getting_worse import getting_worse
from hub.patterns.p17_keep_apart import keep_apart
from hub.patterns.p20_injuries import injuries
from hub.patterns.p26_small_worries import small_worries
from hub.patterns.p30_place import place
from hub.patterns.rule import Pattern

CATALOGUE: tuple[Pattern, ...] = (
    accumulation,
    moving_along,
    both_roles,
    other_children,
    arrived,
    mappa_not_told,
    young_child,
    exploitation_overlap,
    disengaging,
    nobody_reconvened,
    getting_worse,
    keep_apart,
    injuries,
    small_worries,
    place,
)
BY_CODE = {pattern.code: pattern for pattern in CATALOGUE}
