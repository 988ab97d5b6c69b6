//! Which texts are secrets and which are not, however the text arrives.

use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_policy_sdk::ToolCall;
use sluice_policy_sdk::testing::{Heard, Run, faults, heard};

use super::*;

/// Random letters and digits, the same for the same seed. They are made here, so that no scanner of
/// repositories takes them for real secrets.
fn random(seed: u64, length: usize) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        alphabet[(state >> 33) as usize % alphabet.len()] as char
    };
    (0..length).map(|_| next()).collect()
}

fn hex(seed: u64, length: usize) -> String {
    let letters = random(seed, length).into_bytes().into_iter();
    letters
        .map(|b| char::from(b"0123456789abcdef"[b as usize % 16]))
        .collect()
}

fn upper(seed: u64, length: usize) -> String {
    random(seed, length).to_uppercase()
}

fn run(config: Value) -> Run<RedactSecrets> {
    Run::new(config)
}

fn redacted(text: &str) -> String {
    run(json!({})).text(&[text]).expect("it never stops")
}

#[track_caller]
fn finds(kind: &str, secret: &str) {
    for around in [
        ("", ""),
        ("use ", " now."),
        ("\"", "\","),
        ("a\n", "\nb"),
        ("(", ")"),
    ] {
        let (before, after) = around;
        assert_eq!(
            redacted(&format!("{before}{secret}{after}")),
            format!("{before}[REDACTED:{kind}:1]{after}")
        );
    }
}

#[track_caller]
fn becomes(text: &str, expected: &str) {
    assert_eq!(redacted(text), expected);
}

#[track_caller]
fn keeps(text: &str) {
    becomes(text, text);
}

#[test]
fn secrets_with_a_form_are_found() {
    finds("github-token", &format!("ghp_{}", random(1, 36)));
    finds(
        "github-token",
        &format!("github_pat_{}_{}", random(2, 22), random(3, 59)),
    );
    finds("gitlab-token", &format!("glpat-{}", random(4, 20)));
    finds("aws-access-key", &format!("AKIA{}", upper(5, 16)));
    finds(
        "anthropic-key",
        &format!("sk-ant-api03-{}-{}AA", random(6, 43), random(7, 49)),
    );
    finds(
        "openai-key",
        &format!("sk-proj-{}_{}", random(8, 40), random(9, 60)),
    );
    finds(
        "openai-key",
        &format!("sk-{}T3BlbkFJ{}", random(10, 20), random(11, 20)),
    );
    finds("google-key", &format!("AIza{}", random(12, 35)));
    finds("npm-token", &format!("npm_{}", random(13, 36)));
    finds(
        "pypi-token",
        &format!("pypi-AgEIcHlwaS5vcmc{}", random(14, 60)),
    );
    finds(
        "sendgrid-key",
        &format!("SG.{}.{}", random(15, 22), random(16, 43)),
    );
    finds(
        "slack-token",
        &format!("xoxb-{}-{}", 1_234_567_890_u64, random(17, 24)),
    );
    finds("stripe-key", &format!("sk_live_{}", random(18, 24)));
    finds("twilio-key", &format!("SK{}", hex(19, 32)));
    finds("service-token", &format!("hf_{}", random(20, 34)));
    finds(
        "jwt",
        &format!(
            "eyJ{}.eyJ{}.{}",
            random(21, 30),
            random(22, 60),
            random(23, 43)
        ),
    );
}

#[test]
fn secrets_known_by_their_surroundings_are_found() {
    let secret = random(30, 40);
    becomes(
        &format!("aws_secret_access_key = {secret}\n"),
        "aws_secret_access_key = [REDACTED:aws-secret-key:1]\n",
    );
    becomes(
        &format!(r#"{{"SecretAccessKey": "{secret}", "Token": 1}}"#),
        r#"{"SecretAccessKey": "[REDACTED:aws-secret-key:1]", "Token": 1}"#,
    );
    becomes(
        &format!("AccountName=a;AccountKey={}==;End", random(31, 86)),
        "AccountName=a;AccountKey=[REDACTED:azure-key:1];End",
    );
    becomes(
        "DATABASE_URL=postgres://app:c0rrect-horse@db.internal:5432/app",
        "DATABASE_URL=postgres://app:[REDACTED:url-password:1]@db.internal:5432/app",
    );
    becomes(
        &format!("curl -H 'Authorization: Bearer {}' x", random(32, 30)),
        "curl -H 'Authorization: Bearer [REDACTED:authorization:1]' x",
    );
    becomes(
        &format!(
            "https://hooks.slack.com/services/T0000/B0000/{}",
            random(33, 24)
        ),
        "https://hooks.slack.com/services/[REDACTED:slack-token:1]",
    );
}

#[test]
fn assigned_secrets_are_found() {
    for (text, secret) in [
        (r#"password = "§""#, "hunter2!Zx"),
        ("DB_PASSWORD=§\n", "Sup3rS3cret!9"),
        ("api_key: '§'", "a8f5f167f44f4964"),
        (r#"{"client_secret": "§"}"#, "Q7rT9vXk2mPz4LwN"),
        (r#"{\"client_secret\": \"§\"}"#, "Q7rT9vXk2mPz4LwN"),
        ("passwordAndroid = '§'", "Sup3r.Secret9"),
        ("  token: §\n", "9f86d081884c7d659a2feaa0c55ad015"),
        ("const apiKey = `§`;", "x9K2m4Qp7Zt1Rw8V"),
        (
            "export ENCRYPTION_KEY=§ && run",
            "c2VjcmV0LWtleS0xMjM0NTY3ODkw",
        ),
    ] {
        becomes(
            &text.replace('§', secret),
            &text.replace('§', "[REDACTED:assignment:1]"),
        );
    }
}

#[test]
fn a_value_with_a_form_of_its_own_is_named_by_it() {
    becomes(
        &format!("GITHUB_TOKEN=ghp_{}", random(40, 36)),
        "GITHUB_TOKEN=[REDACTED:github-token:1]",
    );
    becomes(
        &format!("Authorization: Bearer sk-ant-api03-{}", random(41, 90)),
        "Authorization: Bearer [REDACTED:anthropic-key:1]",
    );
}

fn pem(lines: u64) -> String {
    let body: String = (0..lines)
        .map(|line| random(50 + line, 64) + "\n")
        .collect();
    format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{body}{}==\n-----END RSA PRIVATE KEY-----",
        random(49, 10)
    )
}

#[test]
fn private_keys_are_found_whole() {
    finds("private-key", &pem(25));
    finds("private-key", &pem(3).replace("RSA ", "OPENSSH "));
    finds("private-key", &pem(3).replace("RSA ", ""));
    finds("private-key", &pem(3).replace('\n', "\\n"));
    finds("private-key", &pem(3).replace(
        "KEY-----\n",
        "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n",
    ).replacen("END RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n", "END RSA PRIVATE KEY-----", 1));
    let numbered: Vec<String> = pem(12)
        .lines()
        .zip(7..)
        .map(|(l, n)| format!("{n:>6}→{l}"))
        .collect();
    becomes(&numbered.join("\n"), "     7→[REDACTED:private-key:1]");
}

#[test]
fn a_private_key_without_its_end_is_found() {
    let key = pem(5);
    let (cut, _) = key.split_once("-----END").expect("an end");
    becomes(
        &format!("{cut}And then some prose."),
        "[REDACTED:private-key:1]\nAnd then some prose.",
    );
}

#[test]
fn what_only_looks_like_a_secret_is_kept() {
    for text in [
        "The password is stored in the vault; ask for a token: it takes a day.",
        "Put `-----BEGIN PRIVATE KEY-----` at the top of the file, then the key itself follows.",
        "let token = generate_token_v2(user); let secret = config.secrets.get2(\"x\");",
        "token = request.headers.authorization2",
        "password: str = Field(min_length=12)",
        "api_key = os.environ[\"OPENAI_API_KEY_2\"]",
        "API_KEY=${API_KEY_2}  TOKEN=$GITHUB_TOKEN1 PASSWORD=<your-password-1>",
        "password = \"changeme123\"; api_key = \"your-api-key-1234\"",
        "secretName: db-credentials-v2\nsecretKeyRef: my-app-secret-1",
        "token_url = \"https://login1.example.org/oauth2/token\"",
        "const tokenUrl = 'login1/oauth2/X'; const tokenId = 'a8f5f167f44f4964';",
        "access_key_id: \"a8f5f167f44f4964\"",
        "max_tokens: 4096, \"total_tokens\": 123456789012",
        "https://example.org:8080/path and https://user@example.org/ and http://[::1]:80/",
        "postgres://postgres:postgres@localhost/db, amqp://guest:guest@mq, redis://x:$PASS@h",
        "mysql://root:password@localhost and https://USER:PASSWORD@example.org",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx and sk-ant-XXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "task-a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6 ask-me-anything desk-1",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b sha256:e3b0c44298fc1c149afbf4c8996fb924",
        "id: 123e4567-e89b-12d3-a456-426614174000",
        "npm_config_registry npm_package_version hf_hub_download xoxo-hugs AKIAN eyJust",
        "src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42\"",
        "Authorization: Bearer <token> or Authorization: Basic or authorization=none",
        "integrity sha512-eyJhbGciOiJub25lIn0+abcdef==",
    ] {
        keeps(text);
    }
}

#[test]
fn the_same_secret_has_the_same_placeholder() {
    let (one, two) = (
        format!("ghp_{}", random(60, 36)),
        format!("ghp_{}", random(61, 36)),
    );
    let mut run = run(json!({})).with_text(&format!("{one} {two} {one}"));
    assert_eq!(run.request(), RequestVerdict::Forward);
    assert_eq!(
        run.body()["messages"][0]["content"],
        "[REDACTED:github-token:1] [REDACTED:github-token:2] [REDACTED:github-token:1]"
    );
    assert_eq!(
        run.text(&[&two]),
        Ok("[REDACTED:github-token:2]".to_owned())
    );
}

fn conversation(secret: &str) -> Value {
    json!({
        "system": format!("Deploy with {secret}."),
        "messages": [
            {"role": "user", "content": format!("first {secret}")},
            {"role": "assistant", "content": [
                {"type": "text", "text": "I see [REDACTED:github-token:4]."},
                {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": secret}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": format!("= {secret}")}]},
        ],
    })
}

#[test]
fn history_and_system_are_redacted_and_tool_calls_are_not() {
    let secret = format!("ghp_{}", random(70, 36));
    let other = format!("ghp_{}", random(71, 36));
    let mut run = run(json!({})).with_body(conversation(&secret));
    assert_eq!(run.request(), RequestVerdict::Forward);
    let body = run.body();
    assert_eq!(body["system"], "Deploy with [REDACTED:github-token:1].");
    assert_eq!(
        body["messages"][0]["content"],
        "first [REDACTED:github-token:1]"
    );
    assert_eq!(
        body["messages"][1]["content"][1]["input"]["command"],
        *secret
    );
    let result = &body["messages"][2]["content"][0]["content"];
    assert_eq!(*result, "= [REDACTED:github-token:1]");
    // Number 4 is in the conversation already, so it belongs to another secret.
    assert_eq!(
        run.text(&[&other]),
        Ok("[REDACTED:github-token:5]".to_owned())
    );
}

#[test]
fn each_place_can_be_chosen() {
    let secret = format!("ghp_{}", random(72, 36));
    let places = |config: Value| {
        let mut run = run(config).with_body(conversation(&secret));
        assert_eq!(run.request(), RequestVerdict::Forward);
        let body = run.body();
        let redacted = |pointer: &str| {
            let text = body.pointer(pointer).and_then(Value::as_str);
            text.is_some_and(|text| !text.contains(&secret))
        };
        [
            redacted("/system"),
            redacted("/messages/0/content"),
            redacted("/messages/1/content/1/input/command"),
            redacted("/messages/2/content/0/content"),
        ]
    };
    assert_eq!(
        places(json!({"history": false})),
        [true, false, false, true]
    );
    assert_eq!(places(json!({"system": false})), [false, true, false, true]);
    assert_eq!(
        places(json!({"tool_calls": true})),
        [true, true, true, true]
    );
    assert_eq!(places(json!({"request": false})), [false; 4]);
}

#[test]
fn tool_calls_of_replies_are_redacted_on_demand() {
    let secret = format!("ghp_{}", random(73, 36));
    let call = Block::tool_call("t", "Bash", &json!({"command": format!("echo {secret}")}));
    let delivered = run(json!({})).reply([call.clone()]);
    assert_eq!(delivered.verdicts, []);
    let delivered = run(json!({"tool_calls": true})).reply([call]);
    let command = json!({"command": "echo [REDACTED:github-token:1]"});
    assert_eq!(delivered.blocks, [Block::tool_call("t", "Bash", &command)]);
}

#[test]
fn a_tool_call_that_was_cut_off_is_dropped_where_it_holds_a_secret() {
    let cut = |text: &str| {
        let arguments = json!(format!("{{\"command\": \"echo {text}")).to_string();
        let (id, name) = ("t".to_owned(), "Bash".to_owned());
        Block::ToolCall(ToolCall {
            id,
            name,
            arguments,
        })
    };
    let secret = format!("ghp_{}", random(74, 36));
    let mut run = run(json!({"tool_calls": true}));
    let delivered = run.reply([cut(&secret), cut("nothing")]);
    assert_eq!(delivered.blocks, [cut("nothing")]);
}

#[test]
fn kinds_can_be_off_and_literals_allowed() {
    let (token, key) = (
        format!("ghp_{}", random(80, 36)),
        format!("AKIA{}", upper(81, 16)),
    );
    let text = format!("{token} {key}");
    let mut off = run(json!({"off": ["github-token"]}));
    assert_eq!(
        off.text(&[&text]),
        Ok(format!("{token} [REDACTED:aws-access-key:1]"))
    );
    let mut allowing = run(json!({"allow": [key]}));
    assert_eq!(
        allowing.text(&[&text]),
        Ok(format!("[REDACTED:github-token:1] {key}"))
    );
}

#[test]
fn the_operator_can_add_secrets() {
    let mut run = run(json!({"extra": [
        {"name": "badge", "regex": "BADGE-[0-9]{6}"},
        {"name": "pin", "regex": "pin (?P<secret>[0-9]{4})"},
    ]}));
    assert_eq!(
        run.text(&["My BADGE-12", "3456 and pin 99", "99."]),
        Ok("My [REDACTED:badge:1] and pin [REDACTED:pin:1].".to_owned())
    );
}

#[test]
fn faults_name_their_field() {
    let fault = |config: Value| faults::<RedactSecrets>(&config).join("; ");
    assert_eq!(
        fault(json!({"extra": [{"name": "a", "regex": "a"}, {"name": "b", "regex": "b*"}]})),
        "extra[1].regex: it matches the empty text"
    );
    assert_eq!(
        fault(json!({"extra": [{"name": "A b", "regex": "a"}]})),
        "extra[0].name: `A b` must be 1 to 40 lower case letters, digits and `-`"
    );
    assert!(fault(json!({"off": ["github"]})).contains("off[0]: unknown variant `github`"));
    assert!(fault(json!({"reqest": true})).contains("unknown field `reqest`"));
}

#[test]
fn the_operator_is_told_what_was_found_and_not_the_secret() {
    let secret = format!("ghp_{}", random(82, 36));
    let mut run = run(json!({})).with_text(&secret);
    heard();
    run.request();
    let detail = json!({"kind": "github-token", "secrets": 1, "in": "request"});
    assert_eq!(
        heard(),
        [
            Heard::Count("redacted.github-token".to_owned(), 1),
            Heard::Emit("secrets-redacted".to_owned(), detail),
        ]
    );
}

#[test]
fn prose_is_not_held_back() {
    let mut run = run(json!({}));
    let prose = "Here is what I found in the code of the server, word for word.";
    for cut in 1..prose.len() {
        assert_eq!(
            run.text(&[&prose[..cut], &prose[cut..]]),
            Ok(prose.to_owned())
        );
    }
}

proptest! {
    #[test]
    fn cuts_make_no_difference(cuts in prop::collection::vec(0_usize..2000, 0..20)) {
        let text = format!(
            "Tést {} and password=\"hunter2!Zx\", then\n{}\npostgres://a:b3tter-x@h é ghp_{} {}",
            format_args!("sk-ant-api03-{}", random(90, 60)),
            pem(8),
            random(91, 36),
            format_args!("ghp_{}", random(91, 36)),
        );
        let mut run = run(json!({}));
        let whole = run.text(&[&text]);
        prop_assert!(!whole.clone().expect("a text").contains(&random(91, 36)));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % text.len()).collect();
        cuts.retain(|cut| text.is_char_boundary(*cut));
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&str> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
        prop_assert_eq!(run.text(&pieces), whole);
    }
}
