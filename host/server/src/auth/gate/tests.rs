//! Who comes in with what, what upstream sees of it, and what a key allows.

use http::HeaderValue;
use sluice_store::CallerKey;

use super::*;

const SECRETS: [&str; 6] = [
    "x-api-key",
    "authorization",
    "api-key",
    "x-goog-api-key",
    "cookie",
    "helicone-auth",
];

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs.iter().map(|(name, value)| {
        let name = HeaderName::from_static(name);
        (name, HeaderValue::from_str(value).unwrap())
    });
    let mut headers = HeaderMap::new();
    headers.extend(pairs);
    headers
}

/// A gate that accepts these, with a key of these terms.
fn gate(accepted: Accepted, terms: &str) -> (Gate, KeyText) {
    let (table, key) = (KeyTable::default(), KeyText::generate().unwrap());
    table.replace(vec![CallerKey {
        id: key.id(),
        caller: "clr_ann".to_owned(),
        name: "ann".to_owned(),
        hash: key.hash(),
        terms: terms.to_owned(),
        created_at: 0,
        expires_at: None,
        revoked_at: None,
    }]);
    let providers = ProviderKeys::new(Some("sk-ant-host"), Some("sk-host")).unwrap();
    let gate = Gate::of_provider_keys(Installation::new(&[1; 32]));
    (gate.with_keys(accepted, table, providers), key)
}

#[test]
fn each_credential_comes_in_where_it_is_accepted_and_nowhere_else() {
    let other = KeyText::generate().unwrap().to_string();
    let unknown = Denied::Invalid(Invalid::Unknown);
    for (accepted, provider, ours, theirs) in [
        (
            Accepted::ProviderKey,
            Ok(()),
            Err(Denied::NotTaken),
            Err(Denied::NotTaken),
        ),
        (
            Accepted::Keys,
            Err(Denied::NotOurs),
            Ok(()),
            Err(unknown.clone()),
        ),
        (Accepted::Both, Ok(()), Ok(()), Err(unknown)),
    ] {
        let (gate, key) = gate(accepted, "{}");
        let admit = |text: &str| gate.admit(&headers(&[("x-api-key", text)])).map(drop);
        assert_eq!(admit("sk-ant-1"), provider, "{accepted:?}");
        assert_eq!(admit(&key.to_string()), ours, "{accepted:?}");
        assert_eq!(admit(&other), theirs, "{accepted:?}");
        assert_eq!(admit(" "), Err(Unauthenticated.into()));
        assert_eq!(
            admit(&key.to_string()[..50]),
            Err(Denied::Typo),
            "{accepted:?}"
        );
    }
}

#[test]
fn a_key_is_found_in_every_header_that_clients_send_one_in() {
    let (gate, key) = gate(Accepted::Keys, "{}");
    let key = key.to_string();
    for name in CREDENTIALS {
        for text in [
            key.clone(),
            format!("Bearer {key}"),
            format!("bearer  {key} "),
        ] {
            let admitted = gate.admit(&headers(&[(name, &text)])).unwrap();
            assert_eq!(admitted.caller().as_str(), "clr_ann");
        }
    }
    // Claude Code sends both, whatever the second is.
    let bearer = format!("Bearer {key}");
    for other in [&*bearer, "Bearer sk-ant-1", "Basic eDp5", "\u{80}"] {
        let both = headers(&[("x-api-key", &key), ("authorization", other)]);
        assert_eq!(gate.admit(&both).unwrap().caller().as_str(), "clr_ann");
    }
    let another = KeyText::generate().unwrap().to_string();
    for several in [
        [("x-api-key", &*key), ("authorization", &*another)],
        [("authorization", &*another), ("authorization", &*key)],
    ] {
        assert_eq!(gate.admit(&headers(&several)).unwrap_err(), Denied::Several);
    }
}

#[test]
fn a_key_that_is_sent_in_an_odd_way_is_no_other_credential() {
    for accepted in [Accepted::ProviderKey, Accepted::Keys, Accepted::Both] {
        let (gate, key) = gate(accepted, "{}");
        for odd in [
            format!("Token {key}"),
            format!("Bearer\t{key}"),
            format!("Bearer Bearer {key}"),
            format!("Bearer \"{key}\""),
            format!("sk-ant-1, {key}"),
            format!("{key}\u{80}"),
        ] {
            for name in CREDENTIALS {
                let denied = gate.admit(&headers(&[(name, &odd)])).unwrap_err();
                assert_eq!(denied, Denied::Typo, "{accepted:?} {name}: {odd}");
            }
        }
    }
    let (gate, _) = gate(Accepted::Both, "{}");
    for others in ["sk-ant-aslk_b", "sk-proj-1", "Basic c2xrXw=="] {
        let admitted = gate.admit(&headers(&[("authorization", others)]));
        assert!(admitted.is_ok(), "{others}");
    }
}

#[test]
fn upstream_gets_the_hosts_key_and_nothing_secret_of_the_caller() {
    let (gate, key) = gate(Accepted::Both, "{}");
    let key = key.to_string();
    let noted = format!("keys={key}; sent twice");
    let mut all: Vec<_> = SECRETS.map(|name| (name, "secret")).into();
    all[0].1 = &key;
    // Whatever the header is called.
    all.push(("x-note", &noted));
    all.push(("anthropic-beta", "a"));
    let admitted = gate.admit(&headers(&all)).unwrap();
    for (api, expected) in [
        (Api::Anthropic, ("x-api-key", "sk-ant-host")),
        (Api::OpenaiChat, ("authorization", "Bearer sk-host")),
        (Api::OpenaiResponses, ("authorization", "Bearer sk-host")),
        (Api::OpenaiEmbeddings, ("authorization", "Bearer sk-host")),
    ] {
        let mut outbound = headers(&all);
        admitted.authorize(&mut outbound, api);
        assert_eq!(outbound, headers(&[("anthropic-beta", "a"), expected]));
    }
}

#[test]
fn a_providers_key_goes_upstream_as_it_came() {
    let (gate, _) = gate(Accepted::Both, "{}");
    let sent = headers(&[("authorization", "Bearer sk-1"), ("cookie", "c")]);
    let admitted = gate.admit(&sent).unwrap();
    let mut outbound = sent.clone();
    admitted.authorize(&mut outbound, Api::OpenaiChat);
    assert_eq!(outbound, sent);
    admitted.check_model("anything").unwrap();
    admitted.check_unread(Api::Anthropic).unwrap();
}

#[test]
fn a_key_allows_what_its_terms_say() {
    let (gate, key) = gate(
        Accepted::Keys,
        r#"{"models":["claude-*"],"apis":["anthropic"]}"#,
    );
    let sent = headers(&[("x-api-key", &key.to_string())]);
    let admitted = gate.admit(&sent).unwrap();
    admitted.check_api(Api::Anthropic).unwrap();
    admitted.check_model("claude-opus").unwrap();
    let errors = [
        admitted.check_api(Api::OpenaiChat).unwrap_err().to_string(),
        admitted.check_model("gpt-5").unwrap_err().to_string(),
        admitted
            .check_unread(Api::Anthropic)
            .unwrap_err()
            .to_string(),
    ];
    for (error, part) in errors.iter().zip(["openai-chat", "`gpt-5`", "not known"]) {
        assert!(error.contains("`ann`") && error.contains(part), "{error}");
    }
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let (gate, key) = gate(Accepted::Keys, "{}");
    let text = key.to_string();
    let admitted = gate.admit(&headers(&[("x-api-key", &text)])).unwrap();
    let printed = format!("{gate:?} {admitted:?} {key:?}");
    for secret in ["sk-ant-host", "sk-host", &text[16..40]] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
