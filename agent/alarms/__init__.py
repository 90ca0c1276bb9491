"""Lines of logs that somebody must know of: rules, alarms, storms, what is done, drafts of cases."""

from agent.alarms.acting import AlarmActions
from agent.alarms.book import AlarmBook, open_alarm_database
from agent.alarms.desk import AlarmDesk
from agent.alarms.drafts import Drafts
from agent.alarms.folding import MOST_AN_HOUR, Series, Step, is_quiet, step
from agent.alarms.masked import LineMask
from agent.alarms.rulefile import read_alarm_rules
from agent.alarms.rules import Action, AlarmRule, Rate, Severity
from agent.alarms.spotting import Spotted, Spotter, message_id
from agent.alarms.watching import AlarmWatch

__all__ = [
    "MOST_AN_HOUR",
    "Action",
    "AlarmActions",
    "AlarmBook",
    "AlarmDesk",
    "AlarmRule",
    "AlarmWatch",
    "Drafts",
    "LineMask",
    "Rate",
    "Series",
    "Severity",
    "Spotted",
    "Spotter",
    "Step",
    "is_quiet",
    "message_id",
    "open_alarm_database",
    "read_alarm_rules",
    "step",
]
