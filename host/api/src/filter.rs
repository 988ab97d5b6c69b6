//! Which exchanges are meant, and the requests that say so.

use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{Ending, ExportFormat, Order};

/// Which exchanges are meant: those to which all of this applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "they are those of the queries, and documented there"
)]
pub struct ExchangeFilter {
    pub from_ms: Option<u64>,
    pub until_ms: Option<u64>,
    pub session: Option<String>,
    pub caller: Option<String>,
    pub model: Option<String>,
    pub api: Option<String>,
    pub policy: Option<String>,
    pub verdict: Option<String>,
    pub rule: Option<String>,
    pub status: Option<u16>,
    pub ending: Option<Ending>,
    pub text: Option<String>,
}

/// Makes the parameters of a request about exchanges: its own, and the filter behind them.
macro_rules! filtered {
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$of_field:meta])* $field:ident: $kind:ty,)* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$of_field])* pub $field: $kind,)*
            /// Received at this time or later, in milliseconds of Unix time.
            pub from_ms: Option<u64>,
            /// Received before this time, in milliseconds of Unix time.
            pub until_ms: Option<u64>,
            /// Of the session with this id.
            #[param(pattern = "^(0|[1-9][0-9]{0,17})$")]
            pub session: Option<String>,
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
            #[param(maximum = 65535)]
            pub status: Option<u16>,
            /// It ended so.
            #[param(inline)]
            pub ending: Option<Ending>,
            /// These words turned up in it, for the first time in its session; those in double quotes are a phrase.
            pub text: Option<String>,
        }

        impl $name {
            /// Asks for these exchanges, and for nothing else.
            pub fn of(filter: &ExchangeFilter) -> Self {
                let filter = filter.clone();
                Self {
                    from_ms: filter.from_ms,
                    until_ms: filter.until_ms,
                    session: filter.session,
                    caller: filter.caller,
                    model: filter.model,
                    api: filter.api,
                    policy: filter.policy,
                    verdict: filter.verdict,
                    rule: filter.rule,
                    status: filter.status,
                    ending: filter.ending,
                    text: filter.text,
                    ..Self::default()
                }
            }

            /// Which exchanges it asks for.
            pub fn filter(&self) -> ExchangeFilter {
                let asked = self.clone();
                ExchangeFilter {
                    from_ms: asked.from_ms,
                    until_ms: asked.until_ms,
                    session: asked.session,
                    caller: asked.caller,
                    model: asked.model,
                    api: asked.api,
                    policy: asked.policy,
                    verdict: asked.verdict,
                    rule: asked.rule,
                    status: asked.status,
                    ending: asked.ending,
                    text: asked.text,
                }
            }
        }
    };
}

filtered! {
    /// Which exchanges are listed, and which page of them. An exchange must have all that is asked for.
    ExchangeQuery {
        /// In which order: `newest-first` or `oldest-first`.
        #[param(inline)]
        order: Option<Order>,
        /// The most entries.
        #[param(minimum = 1, maximum = 500, default = 50)]
        limit: Option<u32>,
        /// The `next` of the page before.
        #[param(pattern = "^(0|[1-9][0-9]{0,14})\\.(0|[1-9][0-9]{0,17})\\.(0|[1-9][0-9]{0,17})$")]
        after: Option<String>,
    }
}

filtered! {
    /// What is searched for, in which exchanges, and which page of what is found.
    SearchQuery {
        /// Words to search for; those in double quotes are a phrase.
        #[param(value_type = String, required = true)]
        q: Option<String>,
        /// In which order: `newest-first` or `oldest-first`.
        #[param(inline)]
        order: Option<Order>,
        /// The most entries.
        #[param(minimum = 1, maximum = 500, default = 50)]
        limit: Option<u32>,
        /// The `next` of the page before.
        #[param(pattern = "^(0|[1-9][0-9]{0,14})\\.(0|[1-9][0-9]{0,17})\\.(0|[1-9][0-9]{0,17})$")]
        after: Option<String>,
    }
}

filtered! {
    /// Which exchanges are exported, and in which form. A day of the record is `from_ms` its first millisecond,
    /// `until_ms` the first of the next.
    ExportQuery {
        /// Whether the sessions that `session` continues are exported too, before it. Without `session` it changes nothing.
        joined: Option<bool>,
        /// In which form: `markdown` or `jsonl`.
        #[param(inline)]
        format: Option<ExportFormat>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_asked_for_whole_and_read_back_whole() {
        let word = |text: &str| Some(text.to_owned());
        let filter = ExchangeFilter {
            from_ms: Some(1),
            until_ms: Some(2),
            session: word("3"),
            caller: word("c"),
            model: word("m"),
            api: word("a"),
            policy: word("p"),
            verdict: word("v"),
            rule: word("r"),
            status: Some(200),
            ending: Some(Ending::Failed),
            text: word("t"),
        };
        assert_eq!(ExchangeQuery::of(&filter).filter(), filter);
        assert_eq!(SearchQuery::of(&filter).filter(), filter);
        assert_eq!(ExportQuery::of(&filter).filter(), filter);
    }
}
