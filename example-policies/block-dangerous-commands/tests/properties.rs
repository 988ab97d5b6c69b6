//! Properties of every command, not only of those in the lists.

#[path = "common/judging.rs"]
mod judging;

use block_dangerous_commands::judge;
use proptest::prelude::*;

use judging::{assert_none_is_wrong, commands, rules};

/// The commands of the dangerous list that stay dangerous in any shell.
fn dangerous() -> Vec<String> {
    commands(include_str!("dangerous.txt"))
        // If these are wrapped, their arguments become the wrapper's.
        .filter(|line| !line.contains("{}") && *line != "rm -rf \"$1\"")
        .collect()
}

fn harmless() -> Vec<String> {
    commands(include_str!("harmless.txt")).collect()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Ways to run a text in a shell.
fn wrapped(way: usize, text: &str) -> String {
    let quoted = quoted(text);
    match way {
        0 => format!("bash -c {quoted}"),
        1 => format!("sudo sh -c {quoted}"),
        2 => format!("env A=b bash -lc {quoted}"),
        3 => format!("eval {quoted}"),
        4 => format!("true && timeout 5 bash -c {quoted}"),
        5 => format!("echo {quoted} | bash"),
        6 => format!("printf '%s\\n' {quoted} | sudo bash -s"),
        7 => format!("bash <<'END_OF_TEXT'\n{text}\nEND_OF_TEXT"),
        8 => format!("cat > x.sh <<'END_OF_TEXT'\n{text}\nEND_OF_TEXT\nbash x.sh"),
        9 => format!("C={quoted}; bash -c \"$C\""),
        10 => format!("if true; then bash -c {quoted}; fi"),
        11 => format!("f() {{ bash -c \"$1\"; }}; f {quoted}"),
        12 => format!("x=$(bash -c {quoted})"),
        13 => format!("bash <<< {quoted}"),
        14 => format!("find build -exec bash -c {quoted} a b \\;"),
        15 => format!("source <(echo {quoted})"),
        16 => format!("cd src\n(\n{text}\n)"),
        _ => format!("{text}\necho done"),
    }
}

#[test]
fn a_dangerous_command_stays_dangerous_in_every_wrapping() {
    let rules = rules();
    let mut wrong = Vec::new();
    for command in dangerous() {
        for way in 0..16 {
            let wrapped = wrapped(way, &command);
            if judge(&wrapped, &rules).is_none() {
                wrong.push(wrapped);
            }
        }
    }
    assert_none_is_wrong(&wrong);
}

#[test]
fn a_harmless_command_stays_harmless_in_every_wrapping() {
    let rules = rules();
    let mut wrong = Vec::new();
    for command in harmless() {
        for way in [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 17] {
            let wrapped = wrapped(way, &command);
            if let Some(finding) = judge(&wrapped, &rules) {
                wrong.push(format!(
                    "{wrapped}\n    got {} {}",
                    finding.rule, finding.detail
                ));
            }
        }
    }
    assert_none_is_wrong(&wrong);
}

#[test]
fn every_beginning_of_a_command_is_judged_without_a_panic() {
    let rules = rules();
    for command in dangerous().iter().chain(&harmless()) {
        for end in (0..command.len()).filter(|end| command.is_char_boundary(*end)) {
            judge(&command[..end], &rules);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_judged_without_a_panic(text in "\\PC{0,200}") {
        judge(&text, &rules());
    }

    #[test]
    fn any_shell_like_text_is_judged_without_a_panic(
        text in "([a-z$(){}\\[\\]<>|&;'\"`\\\\#!*?~/=:%@,.+ \n-]|rm|-rf|\\$\\(|\\$\\{|<<EOF|EOF\n|python -c|perl -e|é|🤖){0,60}"
    ) {
        judge(&text, &rules());
    }

    #[test]
    fn words_between_two_dangerous_ones_hide_nothing(
        first in "[a-z]{1,8}( [a-z./-]{1,8}){0,4}",
        last in "[a-z]{1,8}( [a-z./-]{1,8}){0,4}",
        joint in prop::sample::select(vec!["; ", " && ", "\n", " || ", " & ", " | "]),
    ) {
        let command = format!("{first}{joint}rm -rf src{joint}{last}");
        prop_assert!(judge(&command, &rules()).is_some() || is_taken(&first), "{command}");
    }
}

/// Whether the word changes the meaning of the words behind it.
fn is_taken(first: &str) -> bool {
    ["if", "for", "case", "do", "in", "fi"]
        .iter()
        .any(|word| first.split(' ').any(|w| w == *word))
}
