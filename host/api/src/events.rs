//! What happens, told as it happens: the events of `GET /api/v1/events`.
//!
//! They are names and numbers. What was said in an exchange is read by its id.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Ending, SessionKey, Side, Times, Usage};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LiveEvent {
    /// Its id: the process that it happened in, a hyphen, and its number there, counted from 1.
    pub id: String,
    /// When it happened, in milliseconds of Unix time.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened. `type` says which of these it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Happening {
    /// A request came in.
    ExchangeStarted(ExchangeStarted),
    /// A policy stepped in, or failed.
    Verdict(LiveVerdict),
    /// An exchange is over.
    ExchangeFinished(ExchangeFinished),
    /// An exchange is in the record: what was said can be read by its id from now on.
    ExchangeRecorded(ExchangeFinished),
    /// Other policies came into force.
    PoliciesLoaded(PoliciesLoaded),
    /// A changed policy file can't be used, so the policies stay as they are. The status says why.
    PoliciesRefused(PoliciesLoaded),
    /// Events are missing here.
    Gap(Gap),
}

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A request came in.
    ExchangeStarted,
    /// A policy stepped in, or failed.
    Verdict,
    /// An exchange is over.
    ExchangeFinished,
    /// An exchange is in the record.
    ExchangeRecorded,
    /// Other policies came into force.
    PoliciesLoaded,
    /// A changed policy file can't be used.
    PoliciesRefused,
    /// Events are missing.
    Gap,
}

/// The names of an exchange, which all of its events have. Each is cut at 256 characters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LiveExchange {
    /// Its id, a UUID.
    pub id: String,
    /// When the request arrived, in milliseconds of Unix time.
    pub received_at_ms: u64,
    /// A pseudonym of who sent it.
    pub caller: Option<String>,
    /// The session that it belongs to.
    pub session: SessionKey,
    /// The dialect that it is spoken in.
    pub api: String,
    /// The model that was asked for.
    pub model: Option<String>,
}

/// A request came in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ExchangeStarted {
    /// Which exchange it begins.
    pub exchange: LiveExchange,
    /// Whether the caller asked for a stream.
    pub streaming: bool,
    /// The generation of the policies that judge it.
    pub generation: u64,
}

/// A policy did something else than to let a request or a block pass. Of one exchange the first 100 are told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LiveVerdict {
    /// In which exchange.
    pub exchange: LiveExchange,
    /// What the policy did.
    pub said: Said,
    /// The hook that was called.
    pub hook: String,
    /// Whether a request or a reply was judged.
    pub side: Side,
    /// Which block was judged, counted from 0. `null` if it was the whole.
    pub block: Option<u32>,
}

/// What a policy did, without its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Said {
    /// The policy's name.
    pub policy: String,
    /// What it said: `allow`, `deny`, `modify`, `warn` or `escalate`. `null` if it failed.
    pub verdict: Option<String>,
    /// What was done because of it: `allow`, `block`, `modify` or `escalate`.
    pub action: Option<String>,
    /// The rule that the policy names.
    pub rule: Option<String>,
    /// How the call went if it brought no verdict.
    pub outcome: Option<String>,
}

/// An exchange is over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ExchangeFinished {
    /// Which exchange.
    pub exchange: LiveExchange,
    /// The status that the caller got, if it got one.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// How long it took.
    pub times: Times,
    /// What upstream counted. `null` if that is not known, as when nothing is recorded.
    pub usage: Option<Usage>,
    /// What policies did, all of it together. The 16 first that differ are told.
    pub verdicts: Vec<SaidTimes>,
}

/// How often a policy did the same thing in an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SaidTimes {
    /// What it did.
    pub said: Said,
    /// How often.
    pub times: u64,
}

/// The policy file was loaded, or could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct PoliciesLoaded {
    /// The generation that is in force now.
    pub generation: u64,
    /// How many policies it has.
    pub policies: u64,
}

/// Events are missing at this place. No filter keeps a gap back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Gap {
    /// Why.
    pub because: GapCause,
    /// How many there were, whether a filter would have let them through or not. `null` if nobody knows.
    pub missed: Option<u64>,
    /// The process whose events they are. `null` if they may be of any.
    pub process: Option<String>,
}

/// Why events are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapCause {
    /// What `Last-Event-ID` names is not kept any more, or is of a process that is gone.
    UnknownId,
    /// The listener took its events too slowly. The connection ends; the next one goes on behind the gap.
    TooSlow,
    /// More happened in a process than it could tell.
    Overload,
    /// They were lost on the way from another process.
    Lost,
    /// The admin key that opened the stream does not count any more, so the stream ends. Who comes back with the new key
    /// goes on behind the gap.
    KeyReset,
}

/// Which events are told. An event must have all that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// Of this kind, such as `verdict`.
    #[param(inline)]
    pub kind: Option<EventKind>,
    /// Of the session with this id.
    pub session: Option<String>,
    /// Of sessions with this name, which are not in the record yet if they just began.
    pub session_key: Option<String>,
    /// Of this caller.
    pub caller: Option<String>,
    /// For this model.
    pub model: Option<String>,
    /// In this dialect.
    pub api: Option<String>,
    /// A policy of this name said something. If a verdict or a rule is asked for too, they belong together.
    pub policy: Option<String>,
    /// A policy said this.
    pub verdict: Option<String>,
    /// A policy named this rule.
    pub rule: Option<String>,
    /// The caller got this status.
    pub status: Option<u16>,
    /// It ended so.
    #[param(inline)]
    pub ending: Option<Ending>,
}

/// How the telling of events goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Events {
    /// How many exchanges are under way.
    pub open_exchanges: u64,
    /// How many listeners there are.
    pub listeners: u64,
    /// How many there may be.
    pub max_listeners: u64,
    /// How many listeners were refused because there were too many.
    pub refused_listeners: u64,
    /// How many listeners were dropped because they were too slow.
    pub dropped_listeners: u64,
    /// How many events there were in this process.
    pub told: u64,
    /// How many were left out because too many came at once.
    pub left_out: u64,
    /// How it goes between processes. `null` if they do not tell each other.
    pub relay: Option<Relay>,
}

/// How events go from process to process.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Relay {
    /// Whether they do.
    pub state: RelayState,
    /// Since when, in milliseconds of Unix time.
    pub since_ms: u64,
    /// Why they do not.
    pub cause: Option<String>,
    /// How many other processes were heard of in the last 15 seconds.
    pub processes: u64,
    /// How many events were sent to the others.
    pub sent: u64,
    /// How many were not, because there was no room for them.
    pub unsent: u64,
    /// How many came from the others.
    pub received: u64,
    /// How many of the others' were lost on the way.
    pub lost: u64,
    /// How many messages could not be read.
    pub unreadable: u64,
    /// How many messages were dropped because no process that uses the same database signed them.
    #[serde(default)]
    pub unsigned: u64,
}

/// Whether events go from process to process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RelayState {
    /// They do.
    Connected,
    /// They do not, because Redis can't be used. Each process tells its own.
    Degraded,
}

impl Happening {
    /// Its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::ExchangeStarted(_) => EventKind::ExchangeStarted,
            Self::Verdict(_) => EventKind::Verdict,
            Self::ExchangeFinished(_) => EventKind::ExchangeFinished,
            Self::ExchangeRecorded(_) => EventKind::ExchangeRecorded,
            Self::PoliciesLoaded(_) => EventKind::PoliciesLoaded,
            Self::PoliciesRefused(_) => EventKind::PoliciesRefused,
            Self::Gap(_) => EventKind::Gap,
        }
    }

    /// The exchange that it happened in.
    pub fn exchange(&self) -> Option<&LiveExchange> {
        match self {
            Self::ExchangeStarted(started) => Some(&started.exchange),
            Self::Verdict(verdict) => Some(&verdict.exchange),
            Self::ExchangeFinished(finished) | Self::ExchangeRecorded(finished) => {
                Some(&finished.exchange)
            }
            Self::PoliciesLoaded(_) | Self::PoliciesRefused(_) | Self::Gap(_) => None,
        }
    }
}

impl EventKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExchangeStarted => "exchange-started",
            Self::Verdict => "verdict",
            Self::ExchangeFinished => "exchange-finished",
            Self::ExchangeRecorded => "exchange-recorded",
            Self::PoliciesLoaded => "policies-loaded",
            Self::PoliciesRefused => "policies-refused",
            Self::Gap => "gap",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_flat_and_its_type_is_its_kind() {
        let gap = Gap {
            because: GapCause::TooSlow,
            missed: Some(3),
            process: None,
        };
        let loaded = PoliciesLoaded {
            generation: 2,
            policies: 1,
        };
        for what in [
            Happening::Gap(gap),
            Happening::PoliciesLoaded(loaded),
            Happening::PoliciesRefused(loaded),
        ] {
            let event = LiveEvent {
                id: "a-1".to_owned(),
                at_ms: 5,
                what,
            };
            let written = serde_json::to_value(&event).unwrap();
            assert_eq!(written["type"], event.what.kind().as_str());
            assert_eq!(
                written["type"],
                serde_json::to_value(event.what.kind()).unwrap()
            );
            assert_eq!(serde_json::from_value::<LiveEvent>(written).unwrap(), event);
        }
    }

    #[test]
    fn a_gap_reads_as_documented() {
        let event = json!({
            "id": "7f3a-12", "at_ms": 5, "type": "gap",
            "because": "unknown-id", "missed": null, "process": null,
        });
        let read: LiveEvent = serde_json::from_value(event).unwrap();
        let Happening::Gap(gap) = read.what else {
            panic!("it is a gap");
        };
        assert_eq!(gap.because, GapCause::UnknownId);
    }
}
