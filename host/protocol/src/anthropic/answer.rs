//! A whole reply of Sluice's own making, where a policy answers in upstream's place.

use bytes::Bytes;

use super::{
    RULES,
    content::write,
    emit::{joined, message_end},
    writer::StreamWriter,
};
use crate::{
    Block,
    json::quote,
    reply::{tally::answered, writing::Made},
    sse::Frame,
};

/// A legal reply of these texts and tool calls: a JSON body, or a complete stream.
///
/// Texts stand before tool calls, blank ones are left out, every tool call gets an id of the host's
/// making, and other kinds of block are left out. `id_seed` names the reply; one per exchange keeps ids
/// apart within a conversation.
pub fn answer(model: &str, id_seed: &str, blocks: &[Block], streaming: bool) -> Bytes {
    let (made, stop_reason) = answered(blocks, id_seed, &RULES);
    let id = quote(&format!("msg_{id_seed}"));
    let model = quote(model);
    if streaming {
        stream(&id, &model, &made, &stop_reason)
    } else {
        whole(&id, &model, made, &stop_reason)
    }
}

fn stream(id: &str, model: &str, made: &[Made], stop_reason: &str) -> Bytes {
    let start = format!(
        r#"{{"type":"message_start","message":{}}}"#,
        message(id, model, "", "null")
    );
    let mut stream = joined([Frame::new("message_start", &start)]).to_vec();
    let mut writer = StreamWriter::default();
    for made in made {
        stream.extend_from_slice(&writer.made(made));
    }
    stream.extend_from_slice(&message_end(stop_reason));
    Bytes::from(stream)
}

fn whole(id: &str, model: &str, made: Vec<Made>, stop_reason: &str) -> Bytes {
    let blocks = made.into_iter().map(|made| write(&made.into()));
    let content = blocks.collect::<Vec<_>>().join(",");
    Bytes::from(message(id, model, &content, &quote(stop_reason)))
}

fn message(id: &str, model: &str, content: &str, stop_reason: &str) -> String {
    format!(
        r#"{{"id":{id},"type":"message","role":"assistant","model":{model},"content":[{content}],"stop_reason":{stop_reason},"stop_sequence":null,"usage":{{"input_tokens":0,"output_tokens":0}}}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ToolCall;

    fn blocks() -> [Block; 3] {
        let call = ToolCall {
            id: String::new(),
            name: "ls".to_owned(),
            arguments: r#"{"a":1}"#.to_owned(),
        };
        [
            Block::ToolCall(call),
            Block::Text(" ".to_owned()),
            Block::Text("hi".to_owned()),
        ]
    }

    #[test]
    fn a_whole_answer_has_texts_before_tool_calls() {
        let body = answer("m", "x1", &blocks(), false);
        insta::assert_snapshot!(str::from_utf8(&body).unwrap(), @r#"{"id":"msg_x1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"},{"type":"tool_use","id":"toolu_sluice_x1_1","name":"ls","input":{"a":1}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}"#);
    }

    #[test]
    fn a_streamed_answer_is_a_complete_stream() {
        let body = answer("m", "x1", &[Block::Text("hi".to_owned())], true);
        insta::assert_snapshot!(str::from_utf8(&body).unwrap(), @r#"
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_x1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":0}}

        event: message_stop
        data: {"type":"message_stop"}
        "#);
    }
}
