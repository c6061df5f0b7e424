"""All rules there are, by hand; a new one adds its line here."""

from hub.patterns.p01_accumulation import accumulation
from hub.patterns.p02_continuum import moving_along
from hub.patterns.p03_both_roles import both_roles
from hub.patterns.p04_other_children import other_children
from hub.patterns.p05_setting_changes import setting_changes
from hub.patterns.p06_arrived import arrived
from hub.patterns.p07_mappa import mappa_not_told
from hub.patterns.p08_young_child import young_child
from hub.patterns.p09_adult_behind import adult_behind
from hub.patterns.p10_online_cluster import online_cluster
from hub.patterns.p11_exploitation_overlap import exploitation_overlap
from hub.patterns.p12_disengaging import disengaging
from hub.patterns.p13_down_to_one import down_to_one
from hub.patterns.p14_criminal_route_closed import nobody_reconvened
from hub.patterns.p15_siblings import siblings_not_looked_at
from hub.patterns.p16_getting_worse import getting_worse
from hub.patterns.p17_keep_apart import keep_apart
from hub.patterns.p18_missing_plus import missing_plus
from hub.patterns.p19_critical_moments import critical_moments
from hub.patterns.p20_injuries import injuries
from hub.patterns.p21_baby_injured import baby_injured
from hub.patterns.p22_hunger_weight_violence import hunger_weight_violence
from hub.patterns.p23_not_brought import not_brought
from hub.patterns.p24_engaging_with_one import engaging_with_one
from hub.patterns.p25_domestic_abuse_builds import domestic_abuse_builds
from hub.patterns.p26_small_worries import small_worries
from hub.patterns.p27_moving_on import moving_on
from hub.patterns.p28_out_of_sight import out_of_sight
from hub.patterns.p29_same_adult import same_adult
from hub.patterns.p30_place import place
from hub.patterns.p31_adult_not_assessed import adult_not_assessed
from hub.patterns.p32_under_age_sexual_health import under_age_sexual_health
from hub.patterns.p33_everyone_steps_back import everyone_steps_back
from hub.patterns.p34_silence import silence
from hub.patterns.p35_accounts_differ import accounts_differ
from hub.patterns.p36_difficulties_together import difficulties_together
from hub.patterns.p37_neglect_adds_up import neglect_adds_up
from hub.patterns.p38_partial_tellings import partial_tellings
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
    online_cluster,
    missing_plus,
    critical_moments,
    baby_injured,
    hunger_weight_violence,
    not_brought,
    engaging_with_one,
    domestic_abuse_builds,
    moving_on,
    under_age_sexual_health,
    everyone_steps_back,
    difficulties_together,
    neglect_adds_up,
    partial_tellings,
    setting_changes,
    out_of_sight,
    same_adult,
    adult_not_assessed,
    down_to_one,
    siblings_not_looked_at,
    adult_behind,
    silence,
    accounts_differ,
)
BY_CODE = {pattern.code: pattern for pattern in CATALOGUE}
