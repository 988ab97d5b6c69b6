//! Paths in, passed or not; and what holds for every path and every list.

use proptest::prelude::*;

use super::{Passthrough, PassthroughHandle, Pattern, PatternError, judged};
use crate::routes::{ROUTES, reads_as_judged};

fn listed(patterns: &[&str]) -> Passthrough {
    Passthrough::new(patterns.iter().map(|text| text.parse().unwrap()))
}

/// Checks which of `paths` pass if `patterns` are listed.
fn check(patterns: &[&str], paths: &[&str], passed: &[&str]) {
    let passthrough = listed(patterns);
    let found: Vec<_> = paths
        .iter()
        .copied()
        .filter(|path| passthrough.allows(path))
        .collect();
    assert_eq!(found, passed, "with {patterns:?}");
}

#[test]
fn a_path_passes_alone_and_a_star_passes_all_below_it() {
    let paths = [
        "/v1/files",
        "/v1/files/a",
        "/v1/files/a/content",
        "/v1/filesystem",
        "/v1",
    ];
    check(&["/v1/files"], &paths, &["/v1/files"]);
    check(
        &["/v1/files/*"],
        &paths,
        &["/v1/files/a", "/v1/files/a/content"],
    );
    check(&["/*"], &paths, &paths);
    check(&[], &paths, &[]);
}

#[test]
fn the_default_passes_nothing() {
    assert!(!PassthroughHandle::default().allows("/v1/files"));
    let handle = PassthroughHandle::from(listed(&["/v1/files"]));
    assert!(handle.allows("/v1/files"));
}

#[test]
fn a_path_that_servers_read_differently_does_not_pass() {
    let paths = [
        "",
        "/",
        "v1/files",
        "*",
        "//v1/files",
        "/v1//files",
        "/v1/files/",
        "/v1/files/./a",
        "/v1/files/../messages",
        "/v1/files/..",
        "/v1/files/%2e%2e/messages",
        "/v1/%66iles",
        "/v1/files\\a",
        "/v1/files;a=b",
        "/v1/files?a",
        "/v1/files#a",
        "/v1/files a",
        "/v1/files/\u{e9}",
        "/V1/FILES",
    ];
    check(&["/v1/files", "/v1/files/*"], &paths, &[]);
}

#[test]
fn what_policies_judge_never_passes_however_it_is_written() {
    for judged in judged() {
        let mut patterns = vec!["/*".to_owned(), "/v1/*".to_owned(), format!("{judged}/*")];
        patterns.extend(
            judged
                .rsplit_once('/')
                .map(|(above, _)| format!("{above}/*")),
        );
        let patterns: Vec<_> = patterns.iter().map(String::as_str).collect();
        let upper = judged.to_uppercase();
        let (slash, dot) = (format!("{judged}/"), format!("{judged}."));
        check(&patterns, &[judged, &upper, &slash, &dot], &[]);
        if judged.starts_with("/v1/") {
            let (bare, twice) = (&judged[3..], format!("/v1{judged}"));
            let mounted = format!("/gateway{judged}");
            check(&patterns, &[bare, &twice, &mounted], &[]);
        }
    }
}

#[test]
fn a_path_with_an_id_that_policies_judge_does_not_pass_either() {
    let paths = [
        "/v1/responses/resp_1",
        "/v1/responses/resp_1/cancel",
        "/v1/responses/resp_1/cancel.",
        "/v1/responses/resp_1/input_items",
        "/v1/chat/completions/chatcmpl_1",
    ];
    let patterns = ["/v1/responses/*", "/v1/chat/completions/*"];
    check(&patterns, &paths, &["/v1/responses/resp_1/input_items"]);
}

#[test]
fn what_ends_like_a_judged_path_passes_where_it_is_named() {
    let paths = ["/openai/v1/responses", "/v1/threads/t_1/messages"];
    check(&["/*"], &paths, &["/v1/threads/t_1/messages"]);
    check(&["/openai/*"], &paths, &[]);
    check(&["/openai/v1/responses"], &paths, &["/openai/v1/responses"]);
}

#[test]
fn below_a_judged_path_only_a_pattern_that_leads_there_passes() {
    let paths = [
        "/v1/responses/r/input_items",
        "/v1/Responses/r/input_items",
        "/responses/r/input_items",
        "/v1/responses.json",
        "/v1/responses:cancel",
        "/v1/responses-archive",
    ];
    check(&["/*", "/v1/*"], &paths, &["/v1/responses-archive"]);
    for pattern in ["/v1/responses/r/input_items", "/v1/responses/*"] {
        check(&[pattern], &paths, &["/v1/responses/r/input_items"]);
    }
    check(&["/v1/responses.json"], &paths, &["/v1/responses.json"]);
}

#[test]
fn a_star_over_messages_does_not_reach_below_the_count_of_tokens() {
    let paths = ["/v1/messages/batches", "/v1/messages/count_tokens/a"];
    check(&["/v1/messages/*"], &paths, &["/v1/messages/batches"]);
    check(
        &["/v1/messages/count_tokens/*"],
        &paths,
        &["/v1/messages/count_tokens/a"],
    );
}

#[test]
fn a_pattern_that_could_never_match_or_must_not_is_refused() {
    type Fault = fn(String) -> PatternError;
    let faults: [(&str, Fault); 12] = [
        ("", PatternError::NotAbsolute),
        ("v1/files", PatternError::NotAbsolute),
        ("*", PatternError::NotAbsolute),
        ("https://api.openai.com/v1/files", PatternError::NotAbsolute),
        ("/v1/*/content", PatternError::Star),
        ("/v1/fil*", PatternError::Star),
        ("/v1/*/*", PatternError::Star),
        ("/", PatternError::EmptySegment),
        ("/v1/files/", PatternError::EmptySegment),
        ("/v1//files", PatternError::EmptySegment),
        ("/v1/Messages", PatternError::Judged),
        ("/v1/models.", PatternError::Served),
    ];
    for (text, fault) in faults {
        assert_eq!(text.parse::<Pattern>(), Err(fault(text.to_owned())));
    }
    for route in ROUTES.iter().filter(|route| route.path != "/") {
        let text = route.path.replace("{id}", "a");

        let fault = match route.is_judged() || reads_as_judged(&text) {
            true => PatternError::Judged(text.clone()),
            false if route.path.contains('{') => continue,
            false => PatternError::Served(text.clone()),
        };
        assert_eq!(text.parse::<Pattern>(), Err(fault));
    }
    for found in ['%', '?', '#', ';', '\\', ' ', '\u{e9}', '\n'] {
        let text = format!("/v1/a{found}b");
        let fault = PatternError::Character(text.clone(), found);
        assert_eq!(text.parse::<Pattern>(), Err(fault));
    }
    let fault = PatternError::Dots("/v1/../a".to_owned(), "..".to_owned());
    assert_eq!("/v1/../a/*".parse::<Pattern>(), Err(fault));
    let long = format!("/{}", "a".repeat(512));
    assert_eq!(long.parse::<Pattern>(), Err(PatternError::TooLong(513)));
    assert!(long[..512].parse::<Pattern>().is_ok());
}

#[test]
fn a_star_reaches_nothing_below_a_judged_path_in_whatever_case_its_version_is_written() {
    let pattern: Pattern = "/V1/*".parse().unwrap();
    let passed = Passthrough::new([pattern]);
    assert!(passed.allows("/V1/files"));
    for path in [
        "/V1/messages/batches",
        "/V1/Responses/a/b",
        "/V1/v1/messages/x",
    ] {
        assert!(!passed.allows(path), "{path}");
    }
}

/// What the most careless server could make of a path: escapes and parameters gone, dots followed,
/// slashes merged, all in lower case.
fn carelessly(path: &str) -> String {
    let mut path = path.to_lowercase();
    for (escape, meant) in [("%25", "%"), ("%2e", "."), ("%2f", "/"), ("%61", "a")] {
        path = path.replace(escape, meant);
    }
    let path = path.replace('\\', "/");
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment.split(';').next().unwrap_or_default() {
            ".." => drop(segments.pop()),
            "" | "." => {}
            segment => segments.push(segment.trim_end_matches(['.', ' '])),
        }
    }
    format!("/{}", segments.join("/"))
}

fn segment() -> impl Strategy<Value = String> {
    const KNOWN: [&str; 16] = [
        "v1",
        "V1",
        "messages",
        "Messages",
        "count_tokens",
        "chat",
        "completions",
        "responses",
        "RESPONSES",
        "compact",
        "embeddings",
        "models",
        "files",
        "a",
        "messages.",
        "responses.json",
    ];
    const HOSTILE: [&str; 16] = [
        "",
        ".",
        "..",
        "%2e%2e",
        "%252e",
        "mess%61ges",
        "messages%2f",
        "v1%2fmessages",
        "v1;a",
        "a\\..\\messages",
        "messages;x=1",
        "messages?x",
        "messages#x",
        "*",
        "messages ",
        "\u{e9}",
    ];
    prop_oneof![
        4 => prop::sample::select(&KNOWN[..]).prop_map(str::to_owned),
        1 => prop::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        1 => "[ -~]{0,6}",
    ]
}

fn path() -> impl Strategy<Value = String> {
    let segments = prop::collection::vec(segment(), 0..6);
    segments.prop_map(|segments| format!("/{}", segments.join("/")))
}

/// Lists of what is written and happens to be a pattern.
fn patterns() -> impl Strategy<Value = Vec<Pattern>> {
    const WIDE: [&str; 5] = [
        "/*",
        "/v1/*",
        "/v1/messages/*",
        "/v1/chat/*",
        "/v1/responses/*",
    ];
    let text = prop_oneof![
        path(),
        path().prop_map(|path| format!("{path}/*")),
        prop::sample::select(&WIDE[..]).prop_map(str::to_owned),
    ];
    let texts = prop::collection::vec(text, 0..8);
    texts.prop_map(|texts| texts.iter().filter_map(|text| text.parse().ok()).collect())
}

/// Whether a pattern matches as it is written, judged paths or not.
fn plainly_matches(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(above) => path.len() > above.len() && path.starts_with(above),
        None => path == pattern,
    }
}

proptest! {
    #[test]
    fn no_list_passes_what_any_server_could_take_for_a_judged_path(
        patterns in patterns(),
        path in path(),
    ) {
        let passed = Passthrough::new(patterns).allows(&path);
        prop_assert!(!passed || !reads_as_judged(&carelessly(&path)), "{path}");
    }

    #[test]
    fn below_a_judged_path_passes_only_what_a_pattern_names(
        patterns in patterns(),
        path in path(),
    ) {
        let taken = carelessly(&path);
        let below = |path: &str, judged: &str| path.starts_with(&format!("{judged}/"));
        for judged in judged().filter(|judged| below(&taken, judged)) {
            let names = |pattern: &Pattern| {
                let pattern = pattern.to_string();
                plainly_matches(&pattern, &path) && below(&pattern.to_lowercase(), judged)
            };
            let passed = Passthrough::new(patterns.clone()).allows(&path);
            prop_assert!(!passed || patterns.iter().any(names), "{path}");
        }
    }

    #[test]
    fn what_passes_matches_and_is_sent_as_it_was_compared(patterns in patterns(), path in path()) {
        if Passthrough::new(patterns.clone()).allows(&path) {
            prop_assert!(patterns.iter().any(|pattern| plainly_matches(&pattern.to_string(), &path)));
            let url = url::Url::parse(&format!("http://upstream{path}")).unwrap();
            prop_assert_eq!(url.path(), &path);
            prop_assert_eq!((url.query(), url.fragment()), (None, None));
        }
    }

    #[test]
    fn what_is_plain_and_far_from_judged_paths_passes_as_listed(
        patterns in patterns(),
        path in "(/[a-z0-9_.-]{0,3}[a-z0-9]){1,4}",
    ) {
        let listed = patterns.iter().any(|pattern| plainly_matches(&pattern.to_string(), &path));
        prop_assert_eq!(Passthrough::new(patterns).allows(&path), listed);
    }

    #[test]
    fn a_pattern_is_shown_as_it_was_written(text in prop_oneof![path(), ".{0,20}"]) {
        if let Ok(pattern) = text.parse::<Pattern>() {
            prop_assert_eq!(pattern.to_string(), text);
        }
    }
}
