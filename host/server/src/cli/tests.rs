//! The command line as it is written: defaults, bounds, faults.

use clap::{CommandFactory, Parser};

use super::{Cli, Command, output};
use crate::config::Config;

fn parse(arguments: &[&str]) -> Result<Config, String> {
    let all = ["sluice", "serve"].iter().chain(arguments);
    let cli = Cli::try_parse_from(all).map_err(|e| output::one_line(&e.render().to_string()))?;
    match cli.command {
        Command::Serve(flags) => flags.config(),
        Command::Config(_) => unreachable!("`serve` was parsed"),
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
    let config = parse(&["--anthropic-url", "http://upstream"]).unwrap();
    let upstream = crate::upstream::Config::new("http://upstream".parse().unwrap());
    assert_eq!(format!("{:?}", config.upstream), format!("{upstream:?}"));
    let proxy = crate::proxy::Config::default();
    assert_eq!(format!("{:?}", config.proxy), format!("{proxy:?}"));
    let engine = sluice_engine::EngineConfig::default();
    assert_eq!(format!("{:?}", config.engine), format!("{engine:?}"));
}

#[test]
fn an_empty_policy_file_is_none() {
    assert_eq!(parse(&["--policies", ""]).unwrap().policies, None);
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
fn credentials_in_the_url_are_refused_without_being_shown() {
    let fault = parse(&["--anthropic-url", "https://me:sk-secret@upstream"]).unwrap_err();
    assert!(!fault.contains("sk-secret"), "{fault}");
}
