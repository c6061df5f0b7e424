"""Every judge there is, under the name a row of the pack calls it by: what no shape can say."""

from collections.abc import Mapping

from hub.protocol import (
    arrivals,
    contribution,
    enquiry,
    immediate_actions,
    other_children,
    outcomes,
    plans,
    strategy_meeting,
)
from hub.protocol.obligation import Judge
from hub.protocol.rows import Strand

JUDGES: Mapping[str, Judge] = {
    "account-recorded-when-told": immediate_actions.account,
    "only-second-hand": immediate_actions.second_hand,
    "front-door-contacted": immediate_actions.front_door,
    "whom-to-ring": immediate_actions.contact,
    "measures-end": immediate_actions.measures_end,
    "meeting-arranged-and-held": strategy_meeting.arranged_and_held,
    "separate-meeting-considered": strategy_meeting.separate_meeting,
    "no-separate-meeting-without-safety": strategy_meeting.not_proportionate,
    "always-invited": strategy_meeting.always_invited,
    "a-worker-for-each-child": strategy_meeting.different_workers,
    "authorities-represented": strategy_meeting.authorities,
    "chaired-by-the-harmed-childs-authority": strategy_meeting.chair,
    "leaving-custody": strategy_meeting.leaving_custody,
    "a-task-for-each-agency": enquiry.roles_in_enquiry,
    "assessment-of-each-child": enquiry.assessment,
    "disabled-young-adult": enquiry.disabled_young_adult,
    "asked-of-the-child-who-was-harmed": enquiry.information(Strand.WAS_HARMED.value),
    "asked-of-the-child-who-has-harmed": enquiry.information(Strand.HAS_HARMED.value),
    "an-outcome-for-each-child": outcomes.each_child,
    "heard-from-each-agency": contribution.heard_from_each,
    "assessed-by-several-agencies": contribution.by_several,
    "absent-agencies-updated": contribution.absent_updated,
    "original-participants-invited": contribution.original_participants,
    "professionals-invited": contribution.professionals,
    "other-children-named": other_children.named,
    "siblings-considered-again": other_children.siblings_again,
    "contact-apart-from-the-other-child": other_children.contact_apart,
    "accountable-agency-still-there": plans.accountable_agency,
    "plan-covers-every-setting": plans.every_setting,
    "trained-for-the-tool": plans.trained,
    "charged-before-the-assessment": plans.charged_first,
    "arrival-responded-to": arrivals.responded_to,
}
