//! What a reply and a request cost that pass through.
//!
//! The inputs are made here, in the proportions of a coding agent's traffic.

mod conversation;
mod turns;
mod view;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sluice_protocol::{Api, Delivery, Limits, PieceRuling, Reply, Ruling, Step, Wants};

criterion_group!(benches, stream, view::view, turns::turns);
criterion_main!(benches);

fn stream(criterion: &mut Criterion) {
    for (api, name, upstream) in [
        (
            Api::Anthropic,
            "stream of 200 frames",
            reply_of_200_frames(),
        ),
        (
            Api::OpenaiChat,
            "chat stream of 200 frames",
            chat_of_200_frames(),
        ),
        (
            Api::OpenaiResponses,
            "responses stream of 200 frames",
            response_of_200_frames(),
        ),
    ] {
        streamed(criterion, name, upstream, |wants| {
            let reply = api.stream(wants, Limits::default());
            reply.expect("the API has replies with blocks")
        });
    }
}

/// A reply of 200 frames that comes in reads of 1,000 bytes.
fn streamed(
    criterion: &mut Criterion,
    name: &str,
    upstream: String,
    reply: impl Fn(Wants) -> Box<dyn Reply>,
) {
    let upstream = Bytes::from(upstream);
    let wants = [
        ("nothing wanted", Wants::NOTHING),
        (
            "tool calls whole",
            Wants {
                tool_call: Delivery::Whole,
                ..Wants::NOTHING
            },
        ),
        (
            "text in pieces",
            Wants {
                text: Delivery::Pieces,
                ..Wants::NOTHING
            },
        ),
        (
            "text whole",
            Wants {
                text: Delivery::Whole,
                ..Wants::NOTHING
            },
        ),
    ];
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(200));
    for (name, wants) in wants {
        let reads: Vec<Bytes> = (0..upstream.len())
            .step_by(1000)
            .map(|at| upstream.slice(at..upstream.len().min(at + 1000)))
            .collect();
        let sent = drive(reply(wants), reads.clone());
        assert_eq!(sent, upstream.len(), "all of it passes");
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || {
                    reads
                        .iter()
                        .map(|read| Bytes::copy_from_slice(read))
                        .collect::<Vec<_>>()
                },
                |reads| drive(reply(wants), reads),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// Keeps everything; returns how much went out.
fn drive(mut reply: Box<dyn Reply>, reads: Vec<Bytes>) -> usize {
    let mut sent = 0;
    let mut reads = reads.into_iter();
    loop {
        match reply.next() {
            Step::More => match reads.next() {
                Some(read) => reply.push(read),
                None => reply.end(),
            },
            Step::Send(bytes) => sent += bytes.len(),
            Step::Judge(_) => reply.rule(Ruling::Keep),
            Step::Piece { .. } => reply.rule_piece(PieceRuling::Keep),
            Step::End { .. } => reply.finish(Vec::new()),
            Step::Observe(_) => {}
            Step::Fail(_) | Step::Done => return sent,
        }
    }
}

fn event(name: &str, fields: &str) -> String {
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{fields}}}\n\n")
}

fn reply_of_200_frames() -> String {
    let mut frames = vec![
        event(
            "message_start",
            r#","message":{"id":"msg_01","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":20000,"output_tokens":1}}"#,
        ),
        event(
            "content_block_start",
            r#","index":0,"content_block":{"type":"text","text":""}"#,
        ),
    ];
    for word in 0..151 {
        let text = format!(r" word {word},\n then");
        frames.push(event(
            "content_block_delta",
            &format!(r#","index":0,"delta":{{"type":"text_delta","text":"{text}"}}"#),
        ));
    }
    frames.push(event("content_block_stop", r#","index":0"#));
    frames.push(event("content_block_start", r#","index":1,"content_block":{"type":"tool_use","id":"toolu_01","name":"Write","input":{}}"#));
    frames.push(event(
        "content_block_delta",
        r#","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"content\": \""}"#,
    ));
    for line in 0..40 {
        let json = format!(r#"let x{line} = \\\"{line}\\\";\\n"#);
        frames.push(event(
            "content_block_delta",
            &format!(r#","index":1,"delta":{{"type":"input_json_delta","partial_json":"{json}"}}"#),
        ));
    }
    frames.push(event(
        "content_block_delta",
        r#","index":1,"delta":{"type":"input_json_delta","partial_json":"\"}"}"#,
    ));
    frames.push(event("content_block_stop", r#","index":1"#));
    frames.push(event(
        "message_delta",
        r#","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":200}"#,
    ));
    frames.push(event("message_stop", ""));
    assert_eq!(frames.len(), 200);
    frames.concat()
}

fn chunk(delta: &str, finish_reason: &str) -> String {
    format!(
        r#"data: {{"id":"chatcmpl-CfQ2mYk1n7ZbVtJ0aXo4LrPq8sWdE","object":"chat.completion.chunk","created":1763971200,"model":"gpt-4.1-2025-04-14","service_tier":"default","system_fingerprint":"fp_51e1070cf2","choices":[{{"index":0,"delta":{{{delta}}},"logprobs":null,"finish_reason":{finish_reason}}}],"usage":null,"obfuscation":"8dW1kq"}}"#
    ) + "\n\n"
}

fn chat_of_200_frames() -> String {
    let call = |fields: &str| format!(r#""tool_calls":[{{"index":0,{fields}}}]"#);
    let mut frames = vec![chunk(
        r#""role":"assistant","content":"","refusal":null"#,
        "null",
    )];
    for word in 0..155 {
        frames.push(chunk(
            &format!(r#""content":" word {word},\n then""#),
            "null",
        ));
    }
    let start = r#""id":"call_01","type":"function","function":{"name":"Write","arguments":"{\"content\": \""}"#;
    frames.push(chunk(&call(start), "null"));
    for line in 0..39 {
        let json = format!(r#"let x{line} = \\\"{line}\\\";\\n"#);
        frames.push(chunk(
            &call(&format!(r#""function":{{"arguments":"{json}"}}"#)),
            "null",
        ));
    }
    frames.push(chunk(&call(r#""function":{"arguments":"\"}"}"#), "null"));
    frames.push(chunk("", r#""tool_calls""#));
    frames.push("data: {\"id\":\"chatcmpl-CfQ2mYk1n7ZbVtJ0aXo4LrPq8sWdE\",\"object\":\"chat.completion.chunk\",\"created\":1763971200,\"model\":\"gpt-4.1-2025-04-14\",\"choices\":[],\"usage\":{\"prompt_tokens\":472,\"completion_tokens\":89,\"total_tokens\":561}}\n\n".to_owned());
    frames.push("data: [DONE]\n\n".to_owned());
    assert_eq!(frames.len(), 200);
    frames.concat()
}

fn response(status: &str, output: &str) -> String {
    format!(
        r#","response":{{"id":"resp_01","object":"response","created_at":1763971200,"status":"{status}","error":null,"incomplete_details":null,"model":"gpt-5-codex","output":[{output}],"parallel_tool_calls":true,"store":false,"usage":null}}"#
    )
}

fn response_of_200_frames() -> String {
    let mut frames: Vec<String> = Vec::new();
    let mut push = |name: &str, fields: &str| {
        let fields = format!(r#","sequence_number":{}{fields}"#, frames.len());
        frames.push(event(name, &fields));
    };
    push("response.created", &response("in_progress", ""));
    push("response.in_progress", &response("in_progress", ""));
    let message = |status: &str, content: &str| {
        format!(
            r#"{{"id":"msg_01","type":"message","status":"{status}","role":"assistant","content":[{content}]}}"#
        )
    };
    let item = |index: u32, item: &str| format!(r#","output_index":{index},"item":{item}"#);
    let part = |text: &str| {
        format!(r#"{{"type":"output_text","annotations":[],"logprobs":[],"text":"{text}"}}"#)
    };
    let of_part = r#","item_id":"msg_01","output_index":0,"content_index":0"#;
    push(
        "response.output_item.added",
        &item(0, &message("in_progress", "")),
    );
    push(
        "response.content_part.added",
        &format!(r#"{of_part},"part":{}"#, part("")),
    );
    let mut text = String::new();
    for word in 0..150 {
        let delta = format!(r" word {word},\n then");
        push(
            "response.output_text.delta",
            &format!(r#"{of_part},"delta":"{delta}","logprobs":[],"obfuscation":"8dW1kq""#),
        );
        text += &delta;
    }
    push(
        "response.output_text.done",
        &format!(r#"{of_part},"text":"{text}","logprobs":[]"#),
    );
    let said = part(&text);
    push(
        "response.content_part.done",
        &format!(r#"{of_part},"part":{said}"#),
    );
    let message = message("completed", &said);
    push("response.output_item.done", &item(0, &message));
    let call = |status: &str, arguments: &str| {
        format!(
            r#"{{"id":"fc_01","type":"function_call","status":"{status}","arguments":"{arguments}","call_id":"call_01","name":"Write"}}"#
        )
    };
    push(
        "response.output_item.added",
        &item(1, &call("in_progress", "")),
    );
    let of_call = r#","item_id":"fc_01","output_index":1"#;
    let mut arguments = String::new();
    for line in 0..39 {
        let delta = match line {
            0 => r#"{\"content\": \""#.to_owned(),
            38 => r#"\"}"#.to_owned(),
            line => format!(r#"let x{line} = \\\"{line}\\\";\\n"#),
        };
        push(
            "response.function_call_arguments.delta",
            &format!(r#"{of_call},"delta":"{delta}""#),
        );
        arguments += &delta;
    }
    push(
        "response.function_call_arguments.done",
        &format!(r#"{of_call},"arguments":"{arguments}""#),
    );
    let call = call("completed", &arguments);
    push("response.output_item.done", &item(1, &call));
    push(
        "response.completed",
        &response("completed", &format!("{message},{call}")),
    );
    assert_eq!(frames.len(), 200);
    frames.concat()
}
