//! No request fails because of its size, or keeps another one waiting.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

const MB: usize = 1_000_000;
/// A little less than the largest body of a request.
const LARGEST: usize = 31 << 20;

/// Made of two parts, so that no scanner of this repository finds a key in it.
fn secret() -> String {
    ["ghp", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].join("_")
}

fn policies() -> Vec<PolicySpec> {
    let rules = json!({"rules": [{"from": "falcon", "to": "project"}]});
    vec![
        spec("redact-secrets", json!({"tool_calls": true})),
        spec("string-replacement", rules),
    ]
}

/// Base64 text that contains what looks like the beginning of secrets.
fn media(bytes: usize) -> String {
    let mut data = "iVBORw0KGgoAAAANSUhEUgeyJsk/AKIA+falconghp/".repeat(bytes / 40);
    data.truncate(bytes);
    data
}

/// Media at each place where a message of this dialect can have it.
fn pictures(dialect: Dialect, bytes: usize) -> Vec<Value> {
    let data = media(bytes);
    let url = |kind: &str| format!("data:{kind};base64,{data}");
    let source = |kind: &str| json!({"type": "base64", "media_type": kind, "data": data});
    match dialect {
        Dialect::Anthropic => {
            let image = json!({"type": "image", "source": source("image/png")});
            vec![
                image.clone(),
                json!({"type": "document", "source": source("application/pdf")}),
                json!({"type": "tool_result", "tool_use_id": "toolu_1", "content": [image]}),
            ]
        }
        Dialect::Chat => vec![
            json!({"type": "image_url", "image_url": {"url": url("image/png")}}),
            json!({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}),
            json!({"type": "file", "file": {"file_data": url("application/pdf"), "filename": "a.pdf"}}),
        ],
        Dialect::Responses => vec![
            json!({"type": "input_image", "image_url": url("image/png")}),
            json!({"type": "input_file", "file_data": url("application/pdf"), "filename": "a.pdf"}),
        ],
    }
}

/// A request with these parts in one message of the user.
fn request(dialect: Dialect, parts: &Value) -> Value {
    let mut request = dialect.request("hi", false);
    let messages = match dialect {
        Dialect::Responses => "input",
        Dialect::Anthropic | Dialect::Chat => "messages",
    };
    request[messages] = json!([{"role": "user", "content": parts}]);
    request
}

async fn upstream(dialect: Dialect) -> Upstream {
    Upstream::start(Script::json(200, dialect.whole("text"))).await
}

/// What upstream gets of a request that the policies judged.
async fn sent(dialect: Dialect, request: &Value) -> Vec<u8> {
    let upstream = upstream(dialect).await;
    let host = TestHost::start(&upstream.url, policies()).await;
    let reply = Client::of(dialect, &host.url).send(request).await;
    let status = reply.status();
    assert_eq!(
        status,
        200,
        "{dialect:?}: {}",
        reply.text().await.unwrap_or_default()
    );
    upstream.seen()[0].body.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn media_passes_policies_whatever_its_size_and_keeps_its_bytes() {
    for dialect in Dialect::ALL {
        for part in pictures(dialect, 8 * MB) {
            let request = request(dialect, &json!([part]));
            let sent = sent(dialect, &request).await;
            assert!(sent == request.to_string().into_bytes(), "{dialect:?}");
        }
        let many: Vec<Value> = (0..15)
            .flat_map(|_| pictures(dialect, MB))
            .take(30)
            .collect();
        let request = request(dialect, &json!(many));
        assert!(sent(dialect, &request).await == request.to_string().into_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screenshot_that_a_tool_gave_back_passes() {
    let image = format!("data:image/png;base64,{}", media(8 * MB));
    let output = json!([{"type": "input_image", "image_url": image}]);
    let mut request = Dialect::Responses.request("hi", false);
    request["input"] = json!([
        {"type": "custom_tool_call_output", "call_id": "c", "output": output},
        {"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot", "image_url": image}},
    ]);
    let sent = sent(Dialect::Responses, &request).await;
    assert!(sent == request.to_string().into_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn six_megabytes_of_text_are_searched_to_their_end() {
    let prose = "The falcon (see `config.token`) flies over https://example.org/a?b=c.\n";
    let text = prose.repeat(6 * MB / prose.len()) + &secret();
    for dialect in Dialect::ALL {
        let request = dialect.request(&text, false);
        let sent = String::from_utf8(sent(dialect, &request).await).expect("UTF-8");
        assert!(!sent.contains(&secret()) && sent.contains("[REDACTED:github-token:1]"));
        assert!(!sent.contains("falcon") && sent.contains("The project (see"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_content_is_searched_like_any_other() {
    let said = format!("falcon {}", secret());
    let text = json!({"type": "text", "text": said});
    let result = json!({"type": "search_result", "source": "s", "title": said, "content": [text]});
    let document = json!({"type": "document", "title": said, "source": {"type": "content", "content": [text]}});
    let inner = json!({"type": "tool_result", "tool_use_id": "t", "content": [result, document]});
    let outer = json!({"type": "tool_result", "tool_use_id": "t", "content": [inner, text]});
    let request = request(Dialect::Anthropic, &json!([outer]));
    let sent = String::from_utf8(sent(Dialect::Anthropic, &request).await).expect("UTF-8");
    let expected = request
        .to_string()
        .replace(&said, "project [REDACTED:github-token:1]");
    assert_eq!(sent, expected);
}

/// Bodies that are slow to read for their size, each with its expected status.
fn slow_bodies() -> Vec<(String, u16)> {
    let fill = |element: &str| {
        let count = LARGEST / (element.len() + 1);
        vec![element; count].join(",")
    };
    let content = |content: String| {
        format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":{content}}}]}}"#
        )
    };
    let call = |input: &str| {
        content(format!(
            r#"[{{"type":"tool_use","id":"t","name":"n","input":{input}}}]"#
        ))
    };
    let escapes = "\\u0061".repeat(LARGEST / 6);
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    vec![
        (content(format!("[{}]", fill("0"))), 400),
        (content(format!("[{}]", fill("{}"))), 400),
        (content(format!("\"{escapes}\"")), 200),
        (call(&format!("{{\"a\":[{}]}}", fill("{}"))), 200),
        (call(&format!("{{\"a\":[{}]}}", fill("\"a\""))), 200),
        (call(&format!("{{\"a\":[{}]}}", fill(&deep))), 200),
        (
            format!(
                r#"{{"model":"m","max_tokens":1,"messages":[],{}}}"#,
                fill("\"a\":0")
            ),
            400,
        ),
        (
            format!(
                r#"{{"model":"m","max_tokens":1,"messages":[{}]}}"#,
                vec![r#"{"role":"user","content":"a"}"#; 100_000].join(",")
            ),
            200,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_made_to_be_slow_keep_nobody_waiting() {
    let upstream = upstream(Dialect::Anthropic).await;
    let host = TestHost::start(&upstream.url, policies()).await;
    let client = Client::of(Dialect::Anthropic, &host.url);
    for (body, status) in slow_bodies() {
        let start = body[..80].to_owned();
        let both = async {
            tokio::join!(
                client.post("/v1/messages", body.clone()),
                client.post("/v1/messages", body.clone())
            )
        };
        let small = async { client.ask("hi", false).await.status() };
        let ((one, other), small) = tokio::join!(both, small);
        assert_eq!(small, 200, "{start}");
        for reply in [one, other] {
            let got = reply.status();
            let text = reply.text().await.unwrap_or_default();
            assert_eq!(got, status, "{start}: {}", &text[..text.len().min(400)]);
        }
    }
}

/// A tool call of so many bytes that is slow to read for its size, whole or streamed.
fn large_call(streamed: bool) -> Script {
    let input = format!("{{\"a\":[{}0]}}", "{},".repeat(8 * MB / 3));
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1}});
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}});
    if !streamed {
        let mut whole = message;
        whole["content"] = json!([call]);
        whole["stop_reason"] = json!("tool_use");
        let body = whole
            .to_string()
            .replace("\"input\":{}", &format!("\"input\":{input}"));
        return Script::json(200, body);
    }
    let frame = |data: Value| {
        format!(
            "event: {}\ndata: {data}\n\n",
            data["type"].as_str().expect("a type")
        )
    };
    let pieces = input.as_bytes().chunks(100_000);
    let deltas = pieces.map(|piece| {
        let piece = std::str::from_utf8(piece).expect("ASCII");
        let delta = json!({"type": "input_json_delta", "partial_json": piece});
        frame(json!({"type": "content_block_delta", "index": 0, "delta": delta}))
    });
    let end = json!({"stop_reason": "tool_use", "stop_sequence": null});
    let stream = [
        frame(json!({"type": "message_start", "message": message})),
        frame(json!({"type": "content_block_start", "index": 0, "content_block": call})),
        deltas.collect(),
        frame(json!({"type": "content_block_stop", "index": 0})),
        frame(json!({"type": "message_delta", "delta": end, "usage": {"output_tokens": 1}})),
        frame(json!({"type": "message_stop"})),
    ];
    Script::stream(stream.concat())
}

/// How long the only thread of the runtime was kept at most while the work went on, and how long that took.
async fn longest_kept<T>(work: impl Future<Output = T>) -> (Duration, Duration, T) {
    let (began, mut last, mut longest) = (Instant::now(), Instant::now(), Duration::ZERO);
    let mut work = std::pin::pin!(work);
    loop {
        let moment = tokio::time::sleep(Duration::from_millis(1));
        let done = tokio::select! {
            done = &mut work => Some(done),
            () = moment => None,
        };
        longest = longest.max(last.elapsed());
        last = Instant::now();
        if let Some(done) = done {
            return (longest, began.elapsed(), done);
        }
    }
}

#[tokio::test]
async fn a_large_reply_keeps_nobody_waiting() {
    let observing = json!({"wants": {"tool_call": "whole"}});
    for streamed in [false, true] {
        let upstream = Upstream::start(large_call(streamed)).await;
        let host = TestHost::start(
            &upstream.url,
            vec![spec("test/scripted", observing.clone())],
        )
        .await;
        let client = Client::of(Dialect::Anthropic, &host.url);
        let reply = async {
            client
                .ask("hi", streamed)
                .await
                .bytes()
                .await
                .expect("a body")
        };
        let (kept, all, reply) = longest_kept(reply).await;
        assert!(
            reply.len() > 8 * MB,
            "{}",
            String::from_utf8_lossy(&reply[..reply.len().min(400)])
        );
        assert!(
            kept * 4 < all,
            "kept for {kept:?} of {all:?}, streamed: {streamed}"
        );
    }
}
