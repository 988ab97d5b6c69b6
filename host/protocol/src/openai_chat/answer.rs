//! A whole reply of Sluice's own making, where a policy answers in upstream's place.

use bytes::Bytes;

use super::{
    BETWEEN_TEXTS, RULES,
    made::{Envelope, done, numbered_call},
};
use crate::{
    Block, ToolCall,
    json::quote,
    openai::calls::write_call,
    reply::{tally::answered, writing::Made},
};

/// A legal reply of these texts and tool calls: a JSON body, or a complete stream.
///
/// Texts become one, blank ones are left out, every tool call gets an id of the host's making, and other
/// kinds of block are left out. `id_seed` names the reply; one per exchange keeps ids apart within a
/// conversation.
pub fn answer(model: &str, id_seed: &str, blocks: &[Block], streaming: bool) -> Bytes {
    let (made, finish_reason) = answered(blocks, id_seed, &RULES);
    let (mut texts, mut calls) = (Vec::new(), Vec::new());
    for made in made {
        match made {
            Made::Text(text) => texts.push(text),
            Made::ToolCall(call) => calls.push(call),
        }
    }
    let envelope = Envelope::new(&format!("{}{id_seed}", RULES.reply_id), model);
    let text = texts.join(BETWEEN_TEXTS);
    if streaming {
        stream(&envelope, &text, &calls, &finish_reason)
    } else {
        whole(&envelope, &text, &calls, &finish_reason)
    }
}

fn stream(envelope: &Envelope, text: &str, calls: &[ToolCall], finish_reason: &str) -> Bytes {
    let start = r#""role":"assistant","content":"","refusal":null"#;
    let mut frames = vec![envelope.chunk(0, start, None)];
    if !text.is_empty() {
        let delta = format!(r#""content":{}"#, quote(text));
        frames.push(envelope.chunk(0, &delta, None));
    }
    for (number, call) in (0..).zip(calls) {
        let delta = format!(r#""tool_calls":[{}]"#, numbered_call(number, call));
        frames.push(envelope.chunk(0, &delta, None));
    }
    frames.push(envelope.chunk(0, "", Some(finish_reason)));
    frames.push(done());
    let bytes: Vec<&[u8]> = frames.iter().map(|frame| &frame.raw()[..]).collect();
    Bytes::from(bytes.concat())
}

fn whole(envelope: &Envelope, text: &str, calls: &[ToolCall], finish_reason: &str) -> Bytes {
    let content = match text {
        "" => "null".to_owned(),
        text => quote(text),
    };
    let calls: Vec<String> = calls.iter().map(write_call).collect();
    let calls = match calls.as_slice() {
        [] => String::new(),
        calls => format!(r#","tool_calls":[{}]"#, calls.join(",")),
    };
    let message = format!(r#"{{"role":"assistant","content":{content},"refusal":null{calls}}}"#);
    Bytes::from(envelope.completion(&message, finish_reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks() -> [Block; 4] {
        let call = ToolCall {
            id: String::new(),
            name: "ls".to_owned(),
            arguments: r#"{"a":1}"#.to_owned(),
        };
        [
            Block::ToolCall(call),
            Block::Text(" ".to_owned()),
            Block::Text("hi".to_owned()),
            Block::Text("you".to_owned()),
        ]
    }

    #[test]
    fn a_whole_answer_is_one_message() {
        let body = answer("m", "x1", &blocks(), false);
        insta::assert_snapshot!(str::from_utf8(&body).unwrap(), @r#"{"id":"chatcmpl-x1","object":"chat.completion","created":0,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi\n\nyou","refusal":null,"tool_calls":[{"id":"call_sluice_x1_1","type":"function","function":{"name":"ls","arguments":"{\"a\":1}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}"#);
    }

    #[test]
    fn a_streamed_answer_is_a_complete_stream() {
        let body = answer("m", "x1", &blocks(), true);
        insta::assert_snapshot!(str::from_utf8(&body).unwrap(), @r#"
        data: {"id":"chatcmpl-x1","object":"chat.completion.chunk","created":0,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-x1","object":"chat.completion.chunk","created":0,"model":"m","choices":[{"index":0,"delta":{"content":"hi\n\nyou"},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-x1","object":"chat.completion.chunk","created":0,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_sluice_x1_1","type":"function","function":{"name":"ls","arguments":"{\"a\":1}"}}]},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-x1","object":"chat.completion.chunk","created":0,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]}

        data: [DONE]
        "#);
    }

    #[test]
    fn an_answer_of_nothing_says_so() {
        let body = answer("m", "x1", &[Block::Text(" ".to_owned())], false);
        let body = str::from_utf8(&body).unwrap();
        assert!(body.contains("left nothing") && body.contains(r#""finish_reason":"stop""#));
    }
}
