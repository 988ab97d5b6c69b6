//! Programs and the calls that are found in them, from `calls.txt`.

use sluice_policy_code::{Call, Target, UNKNOWN, calls};

/// Formats a call as the list writes it. Unknown parts are `…`.
fn line(call: &Call) -> String {
    let arguments = || {
        let all: Vec<String> = call.arguments.iter().map(ToString::to_string).collect();
        all.join(", ")
    };
    let line = match &call.target {
        Target::Tool(name) => format!("{name} {}", arguments()),
        Target::Runtime(path) => format!("{path}({})", arguments()),
        Target::Shell => format!("$ {}", call.arguments[0].as_str().unwrap_or_default()),
        Target::Program => format!("% {}", arguments()),
    };
    line.replace(UNKNOWN, "…")
}

struct Case<'a> {
    source: String,
    expected: Vec<&'a str>,
}

/// Reads the sources, each with its calls behind it: `=> call`, or `=> none`.
fn cases(list: &str) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    let mut source = String::new();
    let mut expected = Vec::new();
    for line in list.lines().chain([""]) {
        match line.strip_prefix("=> ") {
            Some("none") => {}
            Some(call) => expected.push(call),
            None => {
                if !expected.is_empty() || line.is_empty() && !source.trim().is_empty() {
                    let source = std::mem::take(&mut source);
                    cases.push(Case {
                        source,
                        expected: std::mem::take(&mut expected),
                    });
                }
                if !(line.starts_with("## ") || line.is_empty() && source.is_empty()) {
                    source.push_str(line);
                    source.push('\n');
                }
            }
        }
    }
    cases
}

#[test]
fn the_calls_of_each_program_are_read() {
    let cases = cases(include_str!("calls.txt"));
    assert!(cases.len() >= 120, "{} programs", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let (found, error) = match calls(&case.source) {
            Ok(calls) => (calls, None),
            Err(error) => (error.calls.clone(), Some(error)),
        };
        let found: Vec<String> = found.iter().map(line).collect();
        if found != case.expected || error.is_some() {
            let found = found.join("\n=> ");
            wrong.push(format!(
                "{}=> {found}\n   not {:?} {error:?}\n",
                case.source, case.expected
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
