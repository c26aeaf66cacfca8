"""Every value that flows through the house, in the order the data takes.  Frozen; derived properties only.

    Topic, Source -> Fetched | NotModified | Failed -> Listing of Entries -> Article -> Decision -> Plan -> Alert

Field names are used alike everywhere: `at` (observed by us), `published` and `modified` (claimed by the source),
`first_seen` (by us), `happened_on` (when the thing itself took place), `due`.  All instants are aware, in UTC.
Text that a source wrote is never changed, only derived from.
"""

from .answers import Failed, Fetched, Hold, Manners, NotModified, Outcome, Receipt, Redirect, RobotsTxt, Validators
from .articles import Article, Edit, Entry, Listing, Update
from .decisions import Alert, Corroboration, Decision, Development, Evidence, Feedback, MilestoneMet, Verdict
from .ids import AlertId, ArticleId, DeliveryId, DevelopmentId, EntryId, SourceId
from .known import Drift, EntryState, Filed, Loss, Pulse, Quoted, Record, Shown, Sight, SourceState, Waiting, Watched
from .messages import Delivery, Setback, Summary, Unsummarised
from .plans import Capture, Committed, EntryUpdate, NewEntry, Plan, Reading, Ruling, SourceUpdate, Standing
from .wanted import (
    ALERT_KINDS,
    ALERTS_PER_HOUR,
    Channel,
    Fields,
    Interval,
    Llm,
    Milestone,
    Phase,
    Quiet,
    Seed,
    Source,
    SourceKind,
    Topic,
)

__all__ = [
    "ALERTS_PER_HOUR",
    "ALERT_KINDS",
    "Alert",
    "AlertId",
    "Article",
    "ArticleId",
    "Capture",
    "Channel",
    "Committed",
    "Corroboration",
    "Decision",
    "Delivery",
    "DeliveryId",
    "Development",
    "DevelopmentId",
    "Drift",
    "Edit",
    "Entry",
    "EntryId",
    "EntryState",
    "EntryUpdate",
    "Evidence",
    "Failed",
    "Feedback",
    "Fetched",
    "Fields",
    "Filed",
    "Hold",
    "Interval",
    "Listing",
    "Llm",
    "Loss",
    "Manners",
    "Milestone",
    "MilestoneMet",
    "NewEntry",
    "NotModified",
    "Outcome",
    "Phase",
    "Plan",
    "Pulse",
    "Quiet",
    "Quoted",
    "Reading",
    "Receipt",
    "Record",
    "Redirect",
    "RobotsTxt",
    "Ruling",
    "Seed",
    "Setback",
    "Shown",
    "Sight",
    "Source",
    "SourceId",
    "SourceKind",
    "SourceState",
    "SourceUpdate",
    "Standing",
    "Summary",
    "Topic",
    "Unsummarised",
    "Update",
    "Validators",
    "Verdict",
    "Waiting",
    "Watched",
]
