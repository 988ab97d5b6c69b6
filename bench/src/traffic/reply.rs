//! The replies of the scripted upstream.

use std::time::Duration;

use bytes::Bytes;

use super::Dialect;
use super::prose::Prose;

/// How the scripted upstream answers. The caller chooses a script by a word in its text, because
/// every gateway passes texts on. Some choose the upstream by the model, and some drop unknown
/// fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// A whole reply of 1 KB.
    Whole,
    /// 200 frames with a tool call at the end, as fast as they can be read.
    Burst,
    /// The same with 2 ms between frames, so that each frame travels alone.
    Paced,
    /// 64 deltas, 20 ms apart: about as fast as models write.
    Slow,
    /// The first frames of a text, then silence.
    Idle,
    /// A finished text and a finished tool call, then silence. By then policies were called.
    Called,
}

/// A reply as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) frames: Vec<Bytes>,
    /// The pause between frames.
    pub(crate) pace: Option<Duration>,
    /// Whether the stream stays open after its last frame.
    pub(crate) open: bool,
}

const FRAMES: usize = 200;
const DELTAS: usize = 64;
/// What ends a frame.
const END: &str = "\n\n";

impl Script {
    pub(crate) const ALL: [Self; 6] = [
        Self::Whole,
        Self::Burst,
        Self::Paced,
        Self::Slow,
        Self::Idle,
        Self::Called,
    ];

    /// The word that selects the script.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Whole => "bench-whole",
            Self::Burst => "bench-burst",
            Self::Paced => "bench-paced",
            Self::Slow => "bench-slow",
            Self::Idle => "bench-idle",
            Self::Called => "bench-called",
        }
    }

    pub(crate) fn streamed(self) -> bool {
        self != Self::Whole
    }

    /// The script that a request selects. Gateways may rewrite the body, so the word is searched
    /// for everywhere in it.
    pub(crate) fn asked_for(body: &[u8]) -> Option<Self> {
        let at = memchr::memmem::find(body, b"bench-")?;
        Self::ALL
            .into_iter()
            .find(|script| body[at..].starts_with(script.word().as_bytes()))
    }

    pub(crate) fn reply(self, dialect: Dialect) -> Reply {
        let frames = match self {
            Self::Whole => vec![whole(dialect)],
            Self::Burst | Self::Paced => stream(dialect, FRAMES),
            Self::Slow => deltas(dialect),
            Self::Idle => opening(dialect),
            Self::Called => called(dialect),
        };
        Reply {
            frames,
            pace: self.pace(),
            open: matches!(self, Self::Idle | Self::Called),
        }
    }

    /// How long the upstream takes to send it, if it pauses.
    pub(crate) fn length(self) -> Duration {
        let frames = match self {
            Self::Paced => FRAMES,
            Self::Slow => DELTAS,
            _ => 0,
        };
        self.pace().unwrap_or_default() * frames as u32
    }

    fn pace(self) -> Option<Duration> {
        match self {
            Self::Paced => Some(Duration::from_millis(2)),
            Self::Slow => Some(Duration::from_millis(20)),
            _ => None,
        }
    }
}

fn whole(dialect: Dialect) -> Bytes {
    let text = quoted(Prose::new(7).text(700));
    let reply = match dialect {
        Dialect::Chat => format!(
            r#"{{"id":"chatcmpl-bench","object":"chat.completion","created":1760000000,"model":"bench","choices":[{{"index":0,"message":{{"role":"assistant","content":{text},"refusal":null}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":200,"completion_tokens":180,"total_tokens":380}}}}"#
        ),
        Dialect::Messages => format!(
            r#"{{"id":"msg_bench","type":"message","role":"assistant","model":"bench","content":[{{"type":"text","text":{text}}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":200,"output_tokens":180}}}}"#
        ),
    };
    reply.into()
}

/// A text and a tool call, in exactly this many frames.
fn stream(dialect: Dialect, frames: usize) -> Vec<Bytes> {
    let (open, close) = (opening(dialect), closing(dialect, true));
    let (end, call) = (text_end(dialect), tool_call(dialect));
    let texts = frames - open.len() - end.len() - call.len() - close.len();
    [open, text(dialect, texts), end, call, close].concat()
}

/// A text alone: 64 deltas and the frames around them.
fn deltas(dialect: Dialect) -> Vec<Bytes> {
    let (open, end) = (opening(dialect), text_end(dialect));
    [open, text(dialect, DELTAS), end, closing(dialect, false)].concat()
}

fn called(dialect: Dialect) -> Vec<Bytes> {
    let (open, end) = (opening(dialect), text_end(dialect));
    [open, text(dialect, 8), end, tool_call(dialect)].concat()
}

fn opening(dialect: Dialect) -> Vec<Bytes> {
    let start = match dialect {
        Dialect::Chat => vec![chat(r#"{"role":"assistant","content":""}"#, "null")],
        Dialect::Messages => vec![
            event(
                "message_start",
                r#""message":{"id":"msg_bench","type":"message","role":"assistant","model":"bench","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":20000,"output_tokens":1}}"#,
            ),
            event(
                "content_block_start",
                r#""index":0,"content_block":{"type":"text","text":""}"#,
            ),
            Bytes::from_static(b"event: ping\ndata: {\"type\": \"ping\"}\n\n"),
        ],
    };
    [start, text(dialect, 1)].concat()
}

fn text(dialect: Dialect, deltas: usize) -> Vec<Bytes> {
    let mut prose = Prose::new(99);
    let mut delta = || {
        let token = quoted(prose.token());
        match dialect {
            Dialect::Chat => chat(&format!(r#"{{"content":{token}}}"#), "null"),
            Dialect::Messages => event(
                "content_block_delta",
                &format!(r#""index":0,"delta":{{"type":"text_delta","text":{token}}}"#),
            ),
        }
    };
    (0..deltas).map(|_| delta()).collect()
}

fn text_end(dialect: Dialect) -> Vec<Bytes> {
    match dialect {
        Dialect::Chat => Vec::new(),
        Dialect::Messages => vec![event("content_block_stop", r#""index":0"#)],
    }
}

/// A harmless command. Its arguments come in pieces.
fn tool_call(dialect: Dialect) -> Vec<Bytes> {
    let pieces = [
        r#"{"com"#,
        r#"mand":"#,
        r#" "cargo"#,
        " test",
        " --workspace",
        " 2>&1",
        " | tail -n 40",
        r#""}"#,
    ];
    let pieces = pieces.map(quoted);
    match dialect {
        Dialect::Chat => {
            let begun = r#"{"tool_calls":[{"index":0,"id":"call_bench","type":"function","function":{"name":"bash","arguments":""}}]}"#;
            let piece = |piece: &String| {
                let call = format!(
                    r#"{{"tool_calls":[{{"index":0,"function":{{"arguments":{piece}}}}}]}}"#
                );
                chat(&call, "null")
            };
            [
                vec![chat(begun, "null")],
                pieces.iter().map(piece).collect(),
            ]
            .concat()
        }
        Dialect::Messages => {
            let begun = r#""index":1,"content_block":{"type":"tool_use","id":"toolu_bench","name":"Bash","input":{}}"#;
            let piece = |piece: &String| {
                let delta = format!(
                    r#""index":1,"delta":{{"type":"input_json_delta","partial_json":{piece}}}"#
                );
                event("content_block_delta", &delta)
            };
            let pieces = pieces.iter().map(piece).collect();
            let end = vec![event("content_block_stop", r#""index":1"#)];
            [vec![event("content_block_start", begun)], pieces, end].concat()
        }
    }
}

fn closing(dialect: Dialect, calls: bool) -> Vec<Bytes> {
    match dialect {
        Dialect::Chat => {
            let reason = if calls {
                r#""tool_calls""#
            } else {
                r#""stop""#
            };
            vec![chat("{}", reason), Bytes::from_static(b"data: [DONE]\n\n")]
        }
        Dialect::Messages => {
            let reason = if calls { "tool_use" } else { "end_turn" };
            let delta = format!(
                r#""delta":{{"stop_reason":"{reason}","stop_sequence":null}},"usage":{{"output_tokens":200}}"#
            );
            vec![
                event("message_delta", &delta),
                Bytes::from_static(b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
            ]
        }
    }
}

fn chat(delta: &str, reason: &str) -> Bytes {
    format!(
        r#"data: {{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"bench","service_tier":"default","system_fingerprint":"fp_bench","choices":[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{reason}}}]}}{END}"#
    )
    .into()
}

fn event(kind: &str, fields: &str) -> Bytes {
    format!("event: {kind}\ndata: {{\"type\":\"{kind}\",{fields}}}\n\n").into()
}

fn quoted(text: impl AsRef<str>) -> String {
    serde_json::Value::from(text.as_ref()).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stream_has_as_many_frames_as_it_says() {
        for dialect in Dialect::ALL {
            assert_eq!(Script::Paced.reply(dialect).frames.len(), FRAMES);
        }
    }

    #[test]
    fn a_script_is_found_wherever_its_model_stands() {
        for script in Script::ALL {
            let body = json!({"a": 1, "text": script.word()}).to_string();
            assert_eq!(Script::asked_for(body.as_bytes()), Some(script));
        }
        assert_eq!(Script::asked_for(br#"{"model":"other"}"#), None);
    }
}
