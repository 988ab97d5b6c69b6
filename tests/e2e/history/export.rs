//! What operators export: all of it, by filter, one session, one exchange.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sluice_store::Cut;

use super::{ASKED, NOW, ask, exchange, host, host_of, ids_of, problem};

/// The exchanges of an export as JSON Lines.
fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("each line is JSON")
}

#[tokio::test]
async fn exports_have_what_is_asked_for_in_either_form() {
    let (host, ids, _folder) = host().await;
    let sessions = ids_of(&host.told("/sessions").await);
    let session = &sessions[0];
    let of_session = ids_of(
        &host
            .told(&format!("/exchanges?order=oldest-first&session={session}"))
            .await,
    );
    let day = format!(
        "/export?format=jsonl&from_ms={}&until_ms={}",
        NOW + 1,
        NOW + 4
    );
    let all: Vec<_> = ids.iter().collect();
    for (path, expected, name) in [
        ("/export?format=jsonl", all.clone(), "sluice-history.jsonl"),
        (
            &day,
            vec![&ids[1], &ids[2], &ids[3]],
            "sluice-history.jsonl",
        ),
        (
            "/export?format=jsonl&ending=refused",
            vec![&ids[1], &ids[3]],
            "sluice-history.jsonl",
        ),
        (
            "/export?format=jsonl&text=%22number+2%22",
            vec![&ids[2]],
            "sluice-history.jsonl",
        ),
        (
            "/export?format=jsonl&caller=bob",
            vec![],
            "sluice-history.jsonl",
        ),
        (
            &format!("/sessions/{session}/export?format=jsonl"),
            of_session.iter().collect(),
            &format!("sluice-session-{session}.jsonl"),
        ),
        (
            &format!("/exchanges/{}/export?format=jsonl", ids[4]),
            vec![&ids[4]],
            &format!("exg_{}.jsonl", ids[4].replace('-', "")),
        ),
    ] {
        let answer = ask(&host, path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let headers = answer.headers().clone();
        assert_eq!(headers["content-type"], "application/jsonl");
        assert_eq!(
            headers["content-disposition"],
            format!("attachment; filename=\"{name}\"")
        );
        let lines = lines(&answer.text().await.expect("a body"));
        let found: Vec<_> = lines.iter().map(|line| &line["summary"]["id"]).collect();
        assert_eq!(found, expected, "{path}");

        let markdown = path.replace("format=jsonl", "format=markdown");
        let answer = ask(&host, &markdown).await;
        assert_eq!(
            answer.headers()["content-type"],
            "text/markdown; charset=utf-8"
        );
        let text = answer.text().await.expect("a body");
        let headings = text.lines().filter(|line| line.starts_with("## "));
        assert_eq!(headings.count(), expected.len(), "{text}");
    }
}

#[tokio::test]
async fn a_line_is_what_is_told_of_the_exchange_and_its_bodies() {
    let (host, ids, _folder) = host().await;
    let path = format!("/exchanges/{}/export?format=jsonl", ids[1]);
    let text = ask(&host, &path).await.text().await.expect("a body");
    let mut line = lines(&text).remove(0);
    let fields = line.as_object_mut().expect("an object");
    assert_eq!(fields.remove("version"), Some(json!(1)));
    let said = "the <b>answer</b> number 1";
    let body = |place: &str, text: &str| json!({ "place": place, "text": text, "base64": null });
    let bodies = json!([
        body("asked", ASKED),
        body("sent-1", ASKED),
        body("received-1", said),
        body("delivered", said),
    ]);
    assert_eq!(fields.remove("bodies"), Some(bodies));
    assert_eq!(line, host.told(&format!("/exchanges/{}", ids[1])).await);
}

#[tokio::test]
async fn bodies_of_any_size_are_exported_whole_as_text_or_as_base64() {
    let text = "aß€😀\"\\\n\u{0}".repeat(200_000);
    // Nothing shows before its end that it is no text.
    let bytes = [text.as_bytes(), b"\xff"].concat();
    let mut large = exchange(0);
    large.asked.body.bytes = text.clone().into();
    large.asked.body.cuts = cuts(text.len());
    large.attempts[0].sent.body.bytes = bytes.clone().into();
    large.attempts[0].sent.body.cuts = cuts(bytes.len());
    large.delivered = None;
    let (host, ids, _folder) = host_of(vec![large]).await;
    let path = format!("/exchanges/{}/export?format=jsonl", ids[0]);
    let told = ask(&host, &path).await.text().await.expect("a body");
    let line = lines(&told).remove(0);
    let bodies = line["bodies"].as_array().expect("bodies");
    assert_eq!(bodies.len(), 3);
    assert!(bodies[0]["text"] == text.as_str() && bodies[0]["base64"].is_null());
    let encoded = STANDARD.encode(&bytes);
    assert!(bodies[1]["text"].is_null() && bodies[1]["base64"] == encoded.as_str());
}

/// Blocks that cut letters and the groups of base64 in two.
fn cuts(length: usize) -> Vec<Cut> {
    let ends = (0..length).step_by(99_991);
    let cut = |start| Cut {
        range: start..(start + 99_991).min(length),
        kind: "text".into(),
        role: Some("user".into()),
    };
    ends.map(cut).collect()
}

#[tokio::test]
async fn what_can_not_be_exported_is_a_problem() {
    let (host, _, _folder) = host().await;
    for (path, status, code) in [
        ("/export?format=pdf", 400, "bad-parameter"),
        ("/export?limit=1", 400, "bad-parameter"),
        ("/export?session=x", 400, "bad-parameter"),
        ("/sessions/999/export", 404, "not-found"),
        ("/sessions/x/export", 400, "bad-parameter"),
        ("/exchanges/x/export", 404, "not-found"),
        (
            "/exchanges/00000000-0000-7000-8000-000000000000/export",
            404,
            "not-found",
        ),
    ] {
        assert_eq!(problem(&host, path, status).await["code"], code, "{path}");
    }
}
