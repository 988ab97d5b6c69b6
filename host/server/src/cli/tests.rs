//! The command line as it is written: defaults, bounds, faults.

use clap::{CommandFactory, Parser};

use super::{Cli, Command, output};
use crate::config::Config;

fn parse(arguments: &[&str]) -> Result<Config, String> {
    let all = ["sluice", "serve"].iter().chain(arguments);
    let cli = Cli::try_parse_from(all).map_err(|e| output::one_line(&e.render().to_string()))?;
    match cli.command {
        Command::Serve(settings) => Config::of(*settings),
        _ => unreachable!("`serve` was parsed"),
    }
}

/// The fault of a command line, on one line.
fn check(arguments: &[&str], fault: &str) {
    assert_eq!(parse(arguments).unwrap_err(), fault);
}

#[test]
fn the_flags_agree_with_themselves() {
    Cli::command().debug_assert();
}

#[test]
fn the_defaults_are_those_of_the_modules() {
    let urls = ["--anthropic-url", "http://a", "--openai-url", "http://o"];
    let config = parse(&urls).unwrap();
    for (read, url) in [
        (&config.anthropic, "http://a"),
        (&config.openai, "http://o"),
    ] {
        let upstream = crate::upstream::Config::new(url.parse().unwrap());
        assert_eq!(format!("{read:?}"), format!("{upstream:?}"));
    }
    let proxy = crate::proxy::Config::default();
    assert_eq!(format!("{:?}", config.proxy), format!("{proxy:?}"));
    let listen = crate::listen::Config::default();
    assert_eq!(config.connections, listen);
    let engine = sluice_engine::EngineConfig::default();
    assert_eq!(format!("{:?}", config.engine), format!("{engine:?}"));
}

#[test]
fn an_empty_policy_file_is_none() {
    assert_eq!(parse(&["--policies", ""]).unwrap().policies, None);
}

#[test]
fn the_cache_is_the_users_unless_a_flag_says_so() {
    assert_eq!(parse(&[]).unwrap().cache, crate::env::cache_folder());
    let folder = parse(&["--cache", "/c"]).unwrap().cache;
    assert_eq!(folder.as_deref(), Some(std::path::Path::new("/c")));
    assert_eq!(parse(&["--cache", ""]).unwrap().cache, None);
}

#[test]
fn a_bad_value_is_told_on_one_line() {
    check(
        &["--listen", "8080"],
        "error: invalid value '8080' for '--listen <HOST:PORT>': expected a host and a port, as in `127.0.0.1:8080`",
    );
    check(
        &["--anthropic-url", "ftp://upstream"],
        "error: invalid value 'ftp://upstream' for '--anthropic-url <URL>': expected a URL that begins with `https://` or `http://`",
    );
    check(
        &["--heartbeat", "20"],
        "error: invalid value '20' for '--heartbeat <SECONDS>': 20 is not in 1..=15",
    );
    check(
        &["--lisen", "x"],
        "error: unexpected argument '--lisen' found tip: a similar argument exists: '--listen'",
    );
}

#[test]
fn the_version_at_the_end_of_a_base_url_is_taken_off() {
    for (written, meant) in [
        ("https://api.openai.com/v1", "https://api.openai.com/"),
        ("https://api.openai.com/v1/", "https://api.openai.com/"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api"),
        ("https://openrouter.ai/api", "https://openrouter.ai/api"),
        ("http://[::1]:8000/v1//", "http://[::1]:8000/"),
        ("http://host/apiv1", "http://host/apiv1"),
        ("http://host/v1/more", "http://host/v1/more"),
        ("http://host/v1/v1", "http://host/v1"),
    ] {
        let config = parse(&["--anthropic-url", written, "--openai-url", written]).unwrap();
        assert_eq!(config.anthropic.url.as_str(), meant);
        assert_eq!(config.openai.url.as_str(), meant);
    }
}

#[test]
fn a_base_url_stands_for_v1_where_it_has_a_version_or_the_operator_says_so() {
    for (flags, stands) in [
        (&["--openai-url", "http://host/api/paas/v4"][..], true),
        (&["--openai-url", "http://host/gateway"], false),
        (
            &["--openai-url", "http://host/gateway", "--openai-without-v1"],
            true,
        ),
    ] {
        let config = parse(flags).unwrap();
        assert_eq!(config.openai.stands_for_v1, stands, "{flags:?}");
    }
    // Anthropic's clients put `/v1` behind any base URL.
    let config = parse(&["--anthropic-url", "http://host/v1/account/anthropic"]).unwrap();
    assert!(!config.anthropic.stands_for_v1);
}

#[test]
fn names_of_hosts_are_listed_one_by_one_or_with_commas() {
    let names = |flags: &[&str]| {
        let hosts = parse(flags).unwrap().hosts;
        hosts.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let listed = [
        "--allow-host",
        "a.example,B.example.",
        "--allow-host",
        "10.0.0.1",
    ];
    assert_eq!(names(&listed), ["a.example", "b.example", "10.0.0.1"]);
    assert_eq!(names(&["--allow-host", ""]), [""; 0]);
    assert_eq!(
        names(&["--listen", "sluice.example:80"]),
        ["sluice.example"]
    );
    // These are known without being listed, and what is listed lets in web pages.
    for own in ["localhost:80", "0.0.0.0:80", "[::1]:80"] {
        assert_eq!(names(&["--listen", own]), [""; 0]);
    }
    check(
        &["--allow-host", "http://a.example"],
        "error: invalid value 'http://a.example' for '--allow-host <NAME>': expected the name or the address of a host, without a scheme and a port, as in `sluice.internal`",
    );
}

#[test]
fn credentials_in_the_url_are_refused_without_being_shown() {
    for flag in ["--anthropic-url", "--openai-url"] {
        let fault = parse(&[flag, "https://me:sk-secret@upstream/v1"]).unwrap_err();
        assert!(!fault.contains("sk-secret"), "{fault}");
        assert!(fault.contains(&format!("'{flag} <URL>'")), "{fault}");
    }
}
