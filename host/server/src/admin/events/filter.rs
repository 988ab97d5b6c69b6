//! Which events a listener wants.

use sluice_api::{Happening, LiveEvent, LiveExchange, LiveQuery, Said};
use sluice_store::Session;

use crate::telemetry::clip;

/// What is asked for. An event must have all of it; a gap is always told.
pub(super) struct Filter {
    asked: LiveQuery,
    session: Option<Session>,
}

impl Filter {
    /// `session` is the one whose id is asked for.
    pub(super) fn new(mut asked: LiveQuery, mut session: Option<Session>) -> Self {
        let key = session.as_mut().map(|session| &mut session.key);
        let names = [&mut asked.model, &mut asked.session_key, &mut asked.rule];
        let names = names.into_iter().flatten();
        let of_session = key.into_iter().flat_map(|key| {
            let agent = key.agent.as_mut();
            std::iter::once(&mut key.key).chain(agent)
        });
        // Events have names as the log has them.
        for name in names.chain(of_session) {
            *name = clip(name).into_owned();
        }
        Self { asked, session }
    }

    pub(super) fn lets_through(&self, event: &LiveEvent) -> bool {
        let what = &event.what;
        if matches!(what, Happening::Gap(_)) {
            return true;
        }
        let kind = self.asked.kind;
        kind.is_none_or(|kind| kind == what.kind())
            && self.is_of_exchange(what.exchange())
            && self.was_said(what)
            && self.ended(what)
    }

    fn is_of_exchange(&self, exchange: Option<&LiveExchange>) -> bool {
        let asked = &self.asked;
        let (caller, model) = (asked.caller.as_deref(), asked.model.as_deref());
        let (api, key) = (asked.api.as_deref(), asked.session_key.as_deref());
        let Some(exchange) = exchange else {
            let names = [caller, model, api, key];
            return names.iter().all(Option::is_none) && self.session.is_none();
        };
        caller.is_none_or(|caller| exchange.caller.as_deref() == Some(caller))
            && model.is_none_or(|model| exchange.model.as_deref() == Some(model))
            && api.is_none_or(|api| exchange.api == api)
            && key.is_none_or(|key| exchange.session.key == key)
            && self
                .session
                .as_ref()
                .is_none_or(|session| is_in(exchange, session))
    }

    fn was_said(&self, what: &Happening) -> bool {
        let LiveQuery {
            policy,
            verdict,
            rule,
            ..
        } = &self.asked;
        if policy.is_none() && verdict.is_none() && rule.is_none() {
            return true;
        }
        let is_it = |said: &Said| {
            policy.as_ref().is_none_or(|policy| said.policy == *policy)
                && (verdict.is_none() || said.verdict == *verdict)
                && (rule.is_none() || said.rule == *rule)
        };
        match what {
            Happening::Verdict(verdict) => is_it(&verdict.said),
            Happening::ExchangeFinished(finished) | Happening::ExchangeRecorded(finished) => {
                finished.verdicts.iter().any(|times| is_it(&times.said))
            }
            _ => false,
        }
    }

    fn ended(&self, what: &Happening) -> bool {
        let LiveQuery { status, ending, .. } = self.asked;
        match what {
            Happening::ExchangeFinished(finished) | Happening::ExchangeRecorded(finished) => {
                (status.is_none() || finished.status == status)
                    && ending.is_none_or(|ending| finished.ending == ending)
            }
            _ => status.is_none() && ending.is_none(),
        }
    }
}

/// Whether an exchange is in a session. In the record, an agent that has no name has an empty one.
fn is_in(exchange: &LiveExchange, session: &Session) -> bool {
    let named = |agent: &Option<String>| agent.clone().unwrap_or_default();
    exchange.caller == session.caller
        && exchange.session.key == session.key.key
        && named(&exchange.session.agent) == named(&session.key.agent)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn exchange() -> Value {
        json!({
            "id": "e", "received_at_ms": 1, "caller": "ann", "api": "anthropic", "model": "claude",
            "session": {"key": "s", "found_by": "header", "agent": null, "parent_agent": null},
        })
    }

    fn said(policy: &str, verdict: &str, rule: Option<&str>) -> Value {
        json!({"policy": policy, "verdict": verdict, "action": "block", "rule": rule, "outcome": null})
    }

    fn events() -> Vec<LiveEvent> {
        let started = json!({"type": "exchange-started", "exchange": exchange(), "streaming": true, "generation": 1});
        let verdict = json!({
            "type": "verdict", "exchange": exchange(), "said": said("p", "deny", Some("r")), "hook": "on-block",
            "side": "reply", "block": 1,
        });
        let finished = |kind| {
            json!({
                "type": kind, "exchange": exchange(), "status": 200, "ending": "delivered",
                "times": {"first_byte_us": 1, "held_us": 0, "total_us": 2}, "usage": null,
                "verdicts": [
                    {"said": said("p", "deny", Some("r")), "times": 1},
                    {"said": said("q", "modify", None), "times": 2},
                ],
            })
        };
        let loaded = json!({"type": "policies-loaded", "generation": 2, "policies": 1});
        let gap = json!({"type": "gap", "because": "lost", "missed": 1, "process": null});
        let all = [
            started,
            verdict,
            finished("exchange-finished"),
            finished("exchange-recorded"),
            loaded,
            gap,
        ];
        let event = |mut event: Value| {
            event["id"] = json!("000000000000-1");
            event["at_ms"] = json!(1);
            serde_json::from_value(event).unwrap()
        };
        all.into_iter().map(event).collect()
    }

    #[test]
    fn an_event_has_all_that_is_asked_for_and_a_gap_is_always_told() {
        for (asked, through) in [
            ("", &[0, 1, 2, 3, 4][..]),
            ("kind=verdict", &[1]),
            ("kind=policies-loaded", &[4]),
            ("caller=ann", &[0, 1, 2, 3]),
            ("caller=bob", &[]),
            ("session_key=s&api=anthropic&model=claude", &[0, 1, 2, 3]),
            ("session_key=t", &[]),
            ("policy=p", &[1, 2, 3]),
            ("policy=q", &[2, 3]),
            ("policy=p&verdict=deny&rule=r", &[1, 2, 3]),
            // They belong together.
            ("policy=p&verdict=modify", &[]),
            ("policy=q&rule=r", &[]),
            ("status=200", &[2, 3]),
            ("status=403", &[]),
            ("ending=delivered&kind=exchange-recorded", &[3]),
            ("ending=failed", &[]),
        ] {
            let asked: LiveQuery = serde_urlencoded::from_str(asked).unwrap();
            let filter = Filter::new(asked.clone(), None);
            let events = events().into_iter().enumerate();
            let found = events.filter(|(_, event)| filter.lets_through(event));
            let found: Vec<_> = found.map(|(at, _)| at).collect();
            assert_eq!(found, [through, &[5]].concat(), "{asked:?}");
        }
    }

    #[test]
    fn a_session_is_of_a_caller_and_of_an_agent() {
        let of = |caller: &str, agent: Option<&str>| Session {
            id: 1,
            caller: Some(caller.to_owned()),
            key: sluice_store::SessionKey {
                key: "s".to_owned(),
                agent: agent.map(str::to_owned),
                ..sluice_store::SessionKey::default()
            },
            first_at: 0,
            last_at: 0,
            exchanges: 1,
            hold: None,
            continues: None,
            continued_by: None,
        };
        for (session, is_in) in [
            (of("ann", None), true),
            (of("ann", Some("")), true),
            (of("bob", None), false),
            (of("ann", Some("sub")), false),
        ] {
            let filter = Filter::new(LiveQuery::default(), Some(session));
            assert_eq!(filter.lets_through(&events()[0]), is_in);
            assert!(!filter.lets_through(&events()[4]), "it is of no session");
        }
    }
}
