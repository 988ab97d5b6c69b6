//! The questions, and how long each takes.

use std::future::Future;
use std::time::{Duration, Instant};

use sluice_store::{Ending, Error, Facet, Filter, Page, Paged, Store};
use tokio::runtime::Runtime;

use crate::talk::BEGIN;
use crate::words::word;

/// How often each question is asked, and after which time no more.
const TIMES: usize = 15;
const LONGEST: Duration = Duration::from_secs(3);
const DAY: u64 = 24 * 60 * 60 * 1000;

/// A question, the median of its times, and how many entries were found.
pub(crate) struct Answer {
    pub(crate) question: String,
    pub(crate) median: Duration,
    pub(crate) found: usize,
}

/// Asks questions of a store.
pub(crate) struct Asker<'a> {
    runtime: &'a Runtime,
    store: &'a Store,
    filter: Option<&'a str>,
    pub(crate) answers: Vec<Answer>,
}

fn filter(set: impl FnOnce(&mut Filter)) -> Filter {
    let mut filter = Filter::default();
    set(&mut filter);
    filter
}

fn named(name: &str) -> Option<String> {
    Some(name.to_owned())
}

/// Filters that ask for one thing.
fn alone(session: i64) -> Vec<(&'static str, Filter)> {
    vec![
        ("session", filter(|one| one.session = Some(session))),
        (
            "caller with many",
            filter(|one| one.caller = named("caller-00")),
        ),
        (
            "caller with few",
            filter(|one| one.caller = named("caller-39")),
        ),
        ("model", filter(|one| one.model = named("claude-opus"))),
        ("rare model", filter(|one| one.model = named("embedding"))),
        ("api", filter(|one| one.api = named("anthropic"))),
        (
            "rare api",
            filter(|one| one.api = named("openai-embeddings")),
        ),
        ("policy", filter(|one| one.policy = named("redact-secrets"))),
        ("rule", filter(|one| one.rule = named("rule-00"))),
        ("rare rule", filter(|one| one.rule = named("rule-29"))),
        ("verdict allow", filter(|one| one.verdict = named("allow"))),
        ("verdict deny", filter(|one| one.verdict = named("deny"))),
        (
            "verdict that nobody said",
            filter(|one| one.verdict = named("escalate")),
        ),
        ("status 200", filter(|one| one.status = Some(200))),
        ("status 529", filter(|one| one.status = Some(529))),
        (
            "status that nobody got",
            filter(|one| one.status = Some(418)),
        ),
        (
            "ending delivered",
            filter(|one| one.ending = Some(Ending::Delivered)),
        ),
        (
            "ending refused",
            filter(|one| one.ending = Some(Ending::Refused)),
        ),
        (
            "a day",
            filter(|one| (one.from, one.until) = (Some(BEGIN + 40 * DAY), Some(BEGIN + 41 * DAY))),
        ),
    ]
}

/// Filters that ask for several things, and for words.
fn together(session: i64) -> Vec<(&'static str, Filter)> {
    vec![
        (
            "caller, model",
            filter(|one| (one.caller, one.model) = (named("caller-03"), named("gpt"))),
        ),
        (
            "caller, another's model",
            filter(|one| (one.caller, one.model) = (named("caller-03"), named("claude-opus"))),
        ),
        (
            "caller, rule",
            filter(|one| (one.caller, one.rule) = (named("caller-07"), named("rule-02"))),
        ),
        (
            "model, status 529, a month",
            filter(|one| {
                (one.model, one.status) = (named("gpt"), Some(529));
                (one.from, one.until) = (Some(BEGIN + 20 * DAY), Some(BEGIN + 50 * DAY));
            }),
        ),
        (
            "policy, verdict, rule",
            filter(|one| {
                (one.policy, one.rule) = (named("block-dangerous-commands"), named("rule-04"));
                one.verdict = named("deny");
            }),
        ),
        (
            "policy, another's verdict",
            filter(|one| (one.policy, one.verdict) = (named("redact-secrets"), named("deny"))),
        ),
        (
            "session, verdict",
            filter(|one| (one.session, one.verdict) = (Some(session), named("deny"))),
        ),
        ("words, rare", filter(|one| one.text = Some(word(40_000)))),
        ("words, common", filter(|one| one.text = Some(word(0)))),
        (
            "words, common, and a rare rule",
            filter(|one| (one.text, one.rule) = (Some(word(1)), named("rule-29"))),
        ),
    ]
}

impl<'a> Asker<'a> {
    pub(crate) fn new(runtime: &'a Runtime, store: &'a Store, filter: Option<&'a str>) -> Self {
        Self {
            runtime,
            store,
            filter,
            answers: vec![],
        }
    }

    /// All questions.
    pub(crate) fn ask_all(&mut self) {
        self.sessions();
        self.lists();
        self.facets();
        self.searches();
        self.bodies();
    }

    fn ask<F>(&mut self, question: &str, mut ask: impl FnMut(&'a Store) -> F)
    where
        F: Future<Output = Result<usize, Error>>,
    {
        if self.filter.is_some_and(|filter| !question.contains(filter)) {
            return;
        }
        let mut times = Vec::new();
        let mut found = 0;
        let begun = Instant::now();
        while times.len() < TIMES && begun.elapsed() < LONGEST {
            let asked = Instant::now();
            found = match self.runtime.block_on(ask(self.store)) {
                Ok(found) => found,
                Err(error) => {
                    crate::print(&format!("{question}: {error}"));
                    0
                }
            };
            times.push(asked.elapsed());
        }
        times.sort_unstable();
        self.answers.push(Answer {
            question: question.to_owned(),
            median: times[times.len() / 2],
            found,
        });
    }

    /// Where a page far behind begins.
    fn deep<T, F>(&self, pages: usize, ask: impl Fn(Page) -> F) -> Page
    where
        F: Future<Output = Result<Paged<T>, Error>>,
    {
        let mut page = Page {
            limit: 500,
            ..Page::default()
        };
        for _ in 0..pages {
            let found = self.runtime.block_on(ask(page.clone()));
            match found.expect("a page").next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        Page { limit: 50, ..page }
    }

    fn sessions(&mut self) {
        let store = self.store;
        let deep = self.deep(10, async |page| store.sessions(None, &page).await);
        let table = [
            ("sessions", None, Page::default()),
            ("sessions, 5,000 behind", None, deep),
            (
                "sessions of a caller with many",
                Some("caller-00"),
                Page::default(),
            ),
            (
                "sessions of a caller with few",
                Some("caller-39"),
                Page::default(),
            ),
            ("sessions of nobody", Some("nobody"), Page::default()),
        ];
        for (question, caller, page) in table {
            self.ask(question, |store| {
                let page = page.clone();
                async move { Ok(store.sessions(caller, &page).await?.entries.len()) }
            });
        }
        let session = self.session();
        self.ask("agents of a session", move |store| async move {
            Ok(store.agents(session).await?.len())
        });
    }

    /// A session in the middle.
    fn session(&self) -> i64 {
        let store = self.store;
        let page = self.deep(5, async |page| store.sessions(None, &page).await);
        let found = self.runtime.block_on(store.sessions(None, &page));
        let sessions = found.expect("sessions").entries;
        let agent = sessions.iter().find(|one| one.key.agent.is_some());
        agent.or(sessions.first()).map_or(0, |session| session.id)
    }

    fn lists(&mut self) {
        let store = self.store;
        let all = Filter::default();
        let deep = self.deep(100, async |page| store.exchanges(&all, &page).await);
        self.list("exchanges", &Filter::default(), &Page::default());
        self.list("exchanges, 50,000 behind", &Filter::default(), &deep);
        let session = self.session();
        let filters = alone(session).into_iter().chain(together(session));
        for (question, filter) in filters {
            self.list(
                &format!("exchanges by {question}"),
                &filter,
                &Page::default(),
            );
        }
        let caller = filter(|one| one.caller = named("caller-00"));
        let deep = self.deep(10, async |page| store.exchanges(&caller, &page).await);
        self.list("exchanges by caller, 5,000 behind", &caller, &deep);
    }

    fn list(&mut self, question: &str, filter: &Filter, page: &Page) {
        self.ask(question, |store| {
            let (filter, page) = (filter.clone(), page.clone());
            async move { Ok(store.exchanges(&filter, &page).await?.entries.len()) }
        });
    }

    fn facets(&mut self) {
        let facets = [
            ("callers", Facet::Caller),
            ("models", Facet::Model),
            ("dialects", Facet::Api),
            ("upstreams", Facet::Upstream),
            ("policies", Facet::Policy),
            ("rules", Facet::Rule),
        ];
        for (name, facet) in facets {
            let question = format!("facet of {name}");
            self.ask(&question, |store| async move {
                Ok(store.facet(facet, 100).await?.len())
            });
        }
    }

    fn searches(&mut self) {
        let session = self.session();
        let all = Filter::default();
        let caller = filter(|one| one.caller = named("caller-05"));
        let rule = filter(|one| one.rule = named("rule-01"));
        let session = filter(|one| one.session = Some(session));
        let phrase = |words: [usize; 2]| format!("\"{} {}\"", word(words[0]), word(words[1]));
        let two = |words: [usize; 2]| format!("{} {}", word(words[0]), word(words[1]));
        let table = [
            ("a word in nearly every block", word(0), &all),
            ("a word in one block of five", word(20), &all),
            ("a word in one block of 50", word(300), &all),
            ("a word in one block of 300", word(1500), &all),
            ("a word in one block of 3,000", word(12_000), &all),
            ("a rare word", word(50_000), &all),
            ("a word that is nowhere", "nowhere".to_owned(), &all),
            ("a common phrase", phrase([0, 1]), &all),
            (
                "a phrase of common words, in one block of 3,000",
                phrase([15, 60]),
                &all,
            ),
            ("a rare phrase of common words", phrase([150, 250]), &all),
            ("a phrase of rare words", phrase([9_000, 9_100]), &all),
            ("two common words", two([0, 5]), &all),
            ("a common word and a rare one", two([0, 30_000]), &all),
            ("two words that never meet", two([20_000, 30_001]), &all),
            ("a common word, of a caller", word(2), &caller),
            (
                "a word in one block of 300, of a caller",
                word(1500),
                &caller,
            ),
            ("a common word, by a rule", word(3), &rule),
            ("a common word, in a session", word(1), &session),
            ("a rare word, in a session", word(45_000), &session),
        ];
        for (question, words, filter) in &table {
            self.search(
                &format!("search: {question}"),
                words,
                filter,
                &Page::default(),
            );
        }
        let (store, common) = (self.store, word(0));
        let deep = self.deep(20, async |page| store.search(&common, &all, &page).await);
        self.search("search: a common word, 10,000 behind", &common, &all, &deep);
    }

    fn search(&mut self, question: &str, words: &str, filter: &Filter, page: &Page) {
        self.ask(question, |store| {
            let (words, filter, page) = (words.to_owned(), filter.clone(), page.clone());
            async move { Ok(store.search(&words, &filter, &page).await?.entries.len()) }
        });
    }

    fn bodies(&mut self) {
        let store = self.store;
        // The longest request of many sessions.
        let longest = async {
            let page = Page {
                limit: 500,
                ..Page::default()
            };
            let sessions = store.sessions(None, &page).await?.entries;
            let longest = sessions.into_iter().max_by_key(|one| one.exchanges);
            let filter = filter(|one| one.session = longest.map(|one| one.id));
            let found = store.exchanges(&filter, &Page::default()).await?.entries;
            let record = store.exchange(found[0].id).await?.ok_or(Error::Gone)?;
            Ok::<_, Error>((record.summary.id, record.asked.body.id))
        };
        let (id, body) = self.runtime.block_on(longest).expect("a long conversation");
        self.ask("an exchange with its verdicts", |store| async move {
            Ok(store
                .exchange(id)
                .await?
                .map_or(0, |one| one.verdicts.len()))
        });
        self.ask(
            "the request of a long conversation, bytes",
            |store| async move { Ok(store.body(body).await?.collect().await?.len()) },
        );
    }
}
