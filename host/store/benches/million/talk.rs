//! Makes traffic like that of coding agents: conversations that are sent again with each turn, of several callers and
//! models, with verdicts of policies, over some months.
//!
//! The words follow Zipf's law, so that a few stand in nearly every block, and most are rare. Everything comes from one
//! seed: the same record is made each time.

use std::time::Duration;

use bytes::Bytes;
use sluice_store::{
    Attempt, Body, Cut, Ending, Exchange, Frame, Message, Name, ReplyBlock, SessionKey, Side,
    Times, Usage, Verdict,
};
use uuid::Uuid;

use crate::words::{Random, Vocabulary, Zipf};

/// When the first exchange arrives: June 15, 2026.
pub(crate) const BEGIN: u64 = 1_781_481_600_000;
pub(crate) const CALLERS: usize = 40;
const MODELS: [(&str, &str); 6] = [
    ("claude-opus", "anthropic"),
    ("claude-sonnet", "anthropic"),
    ("gpt-codex", "openai-responses"),
    ("gpt", "openai-chat"),
    ("claude-haiku", "anthropic"),
    ("embedding", "openai-embeddings"),
];
/// How many sessions go on at once.
const AT_ONCE: usize = 24;
const TOOLS: usize = 12;

/// One agent's conversation.
struct Session {
    key: SessionKey,
    caller: usize,
    model: usize,
    turns: usize,
    messages: String,
    cuts: Vec<Cut>,
}

/// Traffic without end.
pub(crate) struct Talk {
    random: Random,
    words: Vocabulary,
    callers: Zipf,
    rules: Zipf,
    /// What stands behind the conversation: the system's text and the tools, with their places.
    behind: Vec<(String, Vec<Cut>)>,
    sessions: Vec<Session>,
    begun: usize,
    now: u64,
    /// How many blocks were made that the store has not seen before, but for what stands behind conversations.
    pub(crate) blocks: usize,
    /// How many bytes were made, as they go over the wire.
    pub(crate) bytes: u64,
}

impl Talk {
    pub(crate) fn new() -> Self {
        let mut talk = Self {
            random: Random::new(0x5eed_5eed),
            words: Vocabulary::new(),
            callers: Zipf::new(CALLERS),
            rules: Zipf::new(30),
            behind: vec![],
            sessions: vec![],
            begun: 0,
            now: BEGIN,
            blocks: 0,
            bytes: 0,
        };
        talk.behind = (0..6).map(|_| talk.behind()).collect();
        talk
    }

    fn text(&mut self, mean: f64) -> String {
        self.words.text(&mut self.random, mean)
    }

    fn behind(&mut self) -> (String, Vec<Cut>) {
        let (mut text, mut cuts) = (r#","system":["#.to_owned(), vec![]);
        let system = format!(r#"{{"type":"text","text":"{}"}}"#, self.text(600.0));
        push(&mut text, &mut cuts, &system, "system", None);
        text += r#"],"tools":["#;
        for tool in 0..TOOLS {
            let comma = if tool > 0 { "," } else { "" };
            text += comma;
            let about = self.text(60.0);
            let tool = format!(r#"{{"name":"tool{tool}","text":"{about}"}}"#);
            push(&mut text, &mut cuts, &tool, "tool", None);
        }
        text += r#"],"max_tokens":32000,"stream":true}"#;
        (text, cuts)
    }

    fn begin(&mut self) -> Session {
        self.begun += 1;
        let (mut agent, mut parent_agent, mut number) = (None, None, self.begun);
        if !self.begun.is_multiple_of(4) && self.begun.is_multiple_of(3) {
            // Some sessions have agents that started others.
            number -= self.begun % 4;
            agent = Some(format!("agent{}", self.begun % 4));
            parent_agent = (self.begun % 4 > 1).then(|| format!("agent{}", self.begun % 4 - 1));
        }
        // The agents of a session are of one caller.
        let mut own = Random::new(number as u64 + 1);
        let caller = self.callers.pick(&mut own);
        let model = if self.random.chance(0.002) {
            5
        } else {
            (caller + self.random.below(3)) % 5
        };
        Session {
            key: SessionKey {
                key: format!("session-{number:08}"),
                found_by: "x-claude-code-session-id".into(),
                agent,
                parent_agent,
            },
            caller,
            model,
            turns: 1 + self.random.mean(20.0).min(200),
            messages: String::new(),
            cuts: vec![],
        }
    }

    /// The next exchange of whichever session has its turn.
    pub(crate) fn next(&mut self) -> Exchange {
        self.now += 50 + self.random.mean(70_000.0) as u64;
        let at = self.random.below(AT_ONCE);
        while self.sessions.len() <= at {
            let session = self.begin();
            self.sessions.push(session);
        }
        if self.sessions[at].turns == 0 {
            self.sessions[at] = self.begin();
        }
        // Taken out, so that its texts can be made from the same random numbers.
        let mut session = self.sessions.swap_remove(at);
        session.turns -= 1;
        let first = session.messages.is_empty();
        let results = if first {
            1
        } else {
            1 + usize::from(self.random.chance(0.4))
        };
        for _ in 0..results {
            let kind = if first { "text" } else { "tool-result" };
            let text = self.text(70.0);
            session.say("user", kind, &text);
            self.blocks += 1;
        }
        let asked = session.asked(&self.behind[session.caller % 6]);
        let (said, call) = (self.text(25.0), self.text(20.0));
        let exchange = self.exchange(&session, asked, (&said, &call));
        session.say("assistant", "text", &said);
        session.say("assistant", "tool-call", &call);
        self.blocks += 4;
        self.sessions.push(session);
        exchange
    }

    fn exchange(&mut self, session: &Session, asked: Message, said: (&str, &str)) -> Exchange {
        let (status, ending) = match self.random.below(1000) {
            0..20 => (429, Ending::Delivered),
            20..23 => (529, Ending::Failed),
            23..25 => (403, Ending::Refused),
            25..30 => (200, Ending::Aborted),
            _ => (200, Ending::Delivered),
        };
        let (model, api) = MODELS[session.model];
        let at = self.now;
        let received = self.reply(said);
        self.bytes += (asked.body.bytes.len() + received.body.bytes.len()) as u64;
        let times = Times {
            first_byte: Some(Duration::from_millis(300 + self.random.mean(500.0) as u64)),
            held: Duration::from_micros(self.random.mean(900.0) as u64),
            total: Duration::from_millis(900 + self.random.mean(4000.0) as u64),
        };
        let tokens = |bytes: usize| Some(bytes as u64 / 4);
        let attempt = Attempt {
            number: 1,
            upstream: api.split('-').next().unwrap_or(api).to_owned(),
            started_at: at + 1,
            sent: asked.clone(),
            status: Some(status),
            usage: Usage {
                input: tokens(asked.body.bytes.len()),
                output: tokens(received.body.bytes.len()),
                ..Usage::default()
            },
            received: Some(received.clone()),
            reply_id: Some(format!("msg_{:x}", self.random.next())),
            reply_model: Some(model.to_owned()),
            stop_reason: Some("tool_use".to_owned()),
            error: None,
            times,
        };
        Exchange {
            id: id(at, self.random.next()),
            received_at: at,
            caller: Some(format!("caller-{:02}", session.caller)),
            session: session.key.clone(),
            api: api.into(),
            method: "POST".into(),
            path: "/v1/messages".into(),
            model: Some(model.to_owned()),
            streaming: true,
            status: Some(status),
            ending,
            cause: None,
            times,
            asked,
            attempts: vec![attempt],
            delivered: Some(received),
            verdicts: self.verdicts(said.1),
            not_judged: vec![],
            reply: vec![
                reply_block(0, "text", None, said.0),
                reply_block(1, "tool-call", Some("tool3"), said.1),
            ],
            dropped_events: 0,
        }
    }

    /// A stream with a frame for every few words.
    fn reply(&mut self, (said, call): (&str, &str)) -> Message {
        let (mut text, mut frames) = (String::new(), vec![]);
        let mut after = Duration::from_millis(300);
        let words: Vec<_> = said.split(' ').chain(call.split(' ')).collect();
        for words in words.chunks(4) {
            let words = words.join(" ");
            text += &format!(
                "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
                \"delta\":{{\"type\":\"text_delta\",\"text\":\"{words} \"}}}}\n\n"
            );
            after += Duration::from_micros(self.random.mean(30_000.0) as u64);
            let end = text.len();
            frames.push(Frame { end, after });
        }
        let id = format!("req_{:x}", self.random.next());
        Message {
            headers: vec![
                (
                    "content-type".into(),
                    "text/event-stream; charset=utf-8".into(),
                ),
                ("request-id".into(), id),
                ("cache-control".into(), "no-cache".into()),
            ],
            body: Body {
                bytes: text.into(),
                frames,
                ..Body::default()
            },
        }
    }

    fn verdicts(&mut self, call: &str) -> Vec<Verdict> {
        let mut verdicts = vec![verdict("redact-secrets", Side::Request, "allow")];
        let mut judged = verdict("block-dangerous-commands", Side::Reply, "allow");
        judged.block = Some(1);
        if self.random.chance(0.02) {
            judged.verdict = Some("deny".into());
            judged.action = Some("block".into());
            judged.rule = Some(format!("rule-{:02}", self.rules.pick(&mut self.random)));
            judged.reason = Some("The command deletes what it should not.".into());
            judged.before = Some(Bytes::copy_from_slice(call.as_bytes()));
        }
        verdicts.push(judged);
        if self.random.chance(0.01) {
            let mut changed = verdict("string-replacement", Side::Reply, "modify");
            changed.rule = Some("word".into());
            verdicts.push(changed);
        }
        verdicts
    }
}

impl Session {
    fn say(&mut self, role: &'static str, kind: &'static str, text: &str) {
        let comma = if self.messages.is_empty() { "" } else { "," };
        self.messages += &format!(r#"{comma}{{"role":"{role}","content":["#);
        let block = format!(r#"{{"type":"{kind}","text":"{text}"}}"#);
        push(&mut self.messages, &mut self.cuts, &block, kind, Some(role));
        self.messages += "]}";
    }

    /// The request: everything that was said so far.
    fn asked(&self, (behind, places): &(String, Vec<Cut>)) -> Message {
        const BEFORE: &str = r#"{"model":"m","messages":["#;
        let mut bytes = Vec::with_capacity(self.messages.len() + behind.len() + 64);
        bytes.extend_from_slice(BEFORE.as_bytes());
        bytes.extend_from_slice(self.messages.as_bytes());
        bytes.push(b']');
        let moved = |cut: &Cut, by: usize| Cut {
            range: cut.range.start + by..cut.range.end + by,
            ..cut.clone()
        };
        let cuts = self.cuts.iter().map(|cut| moved(cut, BEFORE.len()));
        let cuts = cuts.chain(places.iter().map(|cut| moved(cut, bytes.len())));
        let cuts = cuts.collect();
        bytes.extend_from_slice(behind.as_bytes());
        Message {
            headers: vec![
                ("user-agent".into(), "claude-cli/2.1 (external, cli)".into()),
                ("accept".into(), "application/json".into()),
                ("content-type".into(), "application/json".into()),
                ("content-length".into(), bytes.len().to_string()),
                ("anthropic-version".into(), "2023-06-01".into()),
            ],
            body: Body {
                bytes: bytes.into(),
                cuts,
                ..Body::default()
            },
        }
    }
}

fn push(
    text: &mut String,
    cuts: &mut Vec<Cut>,
    block: &str,
    kind: &'static str,
    role: Option<&'static str>,
) {
    let start = text.len();
    *text += block;
    cuts.push(Cut {
        range: start..text.len(),
        kind: kind.into(),
        role: role.map(Into::into),
    });
}

fn reply_block(number: u32, kind: &'static str, tool: Option<&str>, text: &str) -> ReplyBlock {
    ReplyBlock {
        number,
        kind: kind.into(),
        tool: tool.map(Into::into),
        content: Bytes::copy_from_slice(text.as_bytes()),
        text: Some(text.to_owned()),
    }
}

fn verdict(policy: &str, side: Side, said: &'static str) -> Verdict {
    let word = |word: &'static str| Some(Name::Borrowed(word));
    Verdict {
        policy: policy.to_owned(),
        revision: format!("{:0>64}", policy.len()),
        hook: "on-block".into(),
        side,
        verdict: word(said),
        action: word(said),
        fuel: 92_000,
        time: Duration::from_micros(40),
        ..Verdict::default()
    }
}

/// A UUID of version 7, for a time.
fn id(at: u64, random: u64) -> Uuid {
    let random = (u128::from(random) << 16).to_be_bytes();
    let mut tail = [0; 10];
    tail.copy_from_slice(&random[4..14]);
    uuid::Builder::from_unix_timestamp_millis(at, &tail).into_uuid()
}
