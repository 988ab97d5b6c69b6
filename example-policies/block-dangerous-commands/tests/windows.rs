//! Properties of every script for PowerShell and `cmd`, not only of those in the lists.

#[path = "common/judging.rs"]
mod judging;

use std::time::Duration;

use block_dangerous_commands::{Finding, Rules, judge, judge_command};
use proptest::prelude::*;
use sluice_policy_shell::{Language, Text};
use sluice_policy_tools::Command;

use judging::{assert_none_is_wrong, rules, timed};

fn judge_script(language: Language, text: &str, rules: &Rules) -> Option<Finding> {
    let text = Text::Script(language, text.to_owned());
    judge_command(&Command { text, folder: None }, rules)
}

/// The lines of a list for this shell.
fn lines(list: &str, prompt: &str) -> Vec<String> {
    let lines = list.lines().filter_map(|line| line.strip_prefix(prompt));
    // If these are wrapped, their arguments become the wrapper's.
    let lines = lines.filter(|line| !line.contains("@args"));
    lines.map(|line| line.replace('⏎', "\n")).collect()
}

/// Ways to run a script in PowerShell.
fn wrapped(way: usize, text: &str) -> String {
    let quoted = format!("'{}'", text.replace('\'', "''"));
    match way {
        0 => format!("iex {quoted}"),
        1 => format!("& {{ {text}\n}}"),
        2 => format!("if ($true) {{\n{text}\n}}"),
        3 => format!("powershell -Command {quoted}"),
        4 => format!("$c = {quoted}; Invoke-Expression $c"),
        5 => format!("function F {{\n{text}\n}}\nF"),
        6 => format!("try {{\n{text}\n}} catch {{ }}"),
        7 => format!("& ([scriptblock]::Create({quoted}))"),
        8 => format!("1 | ForEach-Object {{\n{text}\n}}"),
        9 => format!("Write-Host 'begin'\n{text}\n"),
        10 => format!("{quoted} | powershell -"),
        _ => format!("Start-Job -ScriptBlock {{\n{text}\n}}"),
    }
}

#[test]
fn a_dangerous_script_stays_dangerous_in_every_wrapping() {
    let rules = rules();
    let mut wrong = Vec::new();
    for text in lines(include_str!("dangerous-windows.txt"), "PS> ") {
        for way in 0..12 {
            let wrapped = wrapped(way, &text);
            if judge_script(Language::PowerShell, &wrapped, &rules).is_none() {
                wrong.push(wrapped);
            }
        }
    }
    assert_none_is_wrong(&wrong);
}

#[test]
fn a_harmless_script_stays_harmless_in_every_wrapping() {
    let rules = rules();
    let mut wrong = Vec::new();
    for text in lines(include_str!("harmless-windows.txt"), "PS> ") {
        for way in (0..10).chain([11]) {
            let wrapped = wrapped(way, &text);
            if let Some(finding) = judge_script(Language::PowerShell, &wrapped, &rules) {
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
fn every_beginning_of_a_script_is_judged_without_a_panic() {
    let rules = rules();
    let lists = [
        include_str!("dangerous-windows.txt"),
        include_str!("harmless-windows.txt"),
    ];
    for list in lists {
        for (language, prompt) in [(Language::PowerShell, "PS> "), (Language::Cmd, "C:\\> ")] {
            for text in lines(list, prompt) {
                for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                    judge_script(language, &text[..end], &rules);
                    judge(&text[..end], &rules);
                }
            }
        }
    }
}

#[track_caller]
fn check(language: Language, name: &'static str, text: String, is_stopped: bool) {
    let (finding, took) = timed(move |rules| {
        let finding = judge_script(language, &text, rules);
        judge(&text, rules);
        finding
    });
    assert_eq!(finding.is_some(), is_stopped, "{name}: {finding:?}");
    assert!(took < Duration::from_secs(8), "{name} took {took:?}");
}

#[test]
fn deep_and_long_scripts_are_judged_in_bounded_time_and_stack() {
    for (name, open, close) in [
        ("parentheses", "(", ")"),
        ("blocks", "& { ", " }"),
        ("conditions", "if ($x) { ", " }"),
        ("substitutions", "\"$(", ")\""),
        ("lists", "@(", ")"),
        ("tables", "@{ a = ", " }"),
        ("casts", "[x]", ""),
        ("negations", "!", ""),
        ("indexes", "$x[", "]"),
        ("calls", "$x.a(", ")"),
        ("assignments", "$x = ", ""),
        ("here-strings", "@\"\n$(", ")\n\"@"),
    ] {
        for depth in [3, 12, 40, 200, 5_000] {
            let text = format!("{}x{}\nri src -r", open.repeat(depth), close.repeat(depth));
            check(Language::PowerShell, name, text, true);
        }
    }
    let ps = Language::PowerShell;
    let line = "Write-Host 'a line of a long script'\n";
    check(ps, "long", line.repeat(8_000), false);
    let danger = format!("{}Remove-Item -Recurse src\n", line.repeat(8_000));
    check(ps, "long and dangerous", danger, true);
    check(
        ps,
        "terms",
        format!("$x = 'a'{}", "+'a'".repeat(8_000)),
        false,
    );
    check(ps, "members", format!("$x{}", ".a".repeat(8_000)), false);
    check(ps, "doubling", "$x = \"$x$x\"; ".repeat(2_000), false);
    check(ps, "recursion", "function f { f; f }; f".to_owned(), false);
    check(ps, "self eval", "$x = 'iex $x'; iex $x".to_owned(), false);
    check(ps, "one long word", "a".repeat(2_000_000), false);
    check(ps, "quotes", "'\"".repeat(50_000), false);
    check(ps, "here-strings", "@'\n".repeat(50_000), false);
    let cmd = Language::Cmd;
    check(
        cmd,
        "groups",
        format!("{}rd /s src{}", "(".repeat(5_000), ")".repeat(5_000)),
        true,
    );
    check(
        cmd,
        "conditions",
        format!("{}rd /s src", "if exist x ".repeat(500)),
        true,
    );
    check(cmd, "loops", "for %a in (1 2 3) do ".repeat(5_000), false);
    check(cmd, "carets", "^".repeat(100_000), false);
    check(cmd, "variables", "%a%".repeat(100_000), false);
    check(cmd, "percents", "%".repeat(100_000), false);
    check(cmd, "doubling", "set a=%a%%a%&".repeat(2_000), false);
    check(cmd, "groups of loops", "for (".repeat(8_000), false);
    check(
        cmd,
        "long",
        "echo a line of a long script\n".repeat(8_000),
        false,
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_judged_without_a_panic(text in "\\PC{0,200}") {
        judge_script(Language::PowerShell, &text, &rules());
        judge_script(Language::Cmd, &text, &rules());
    }

    #[test]
    fn any_script_is_judged_without_a_panic(
        text in "([a-z$(){}\\[\\]<>|&;'\"`#!*?~/\\\\=:%@,.+^ \n-]|Remove-Item|-Recurse|\\$\\(|@'\n|\n'@|@\"\n|\n\"@|if \\(|foreach \\(|function f|rd /s|for %i in|%TEMP%|::|é|🤖){0,60}"
    ) {
        judge_script(Language::PowerShell, &text, &rules());
        judge_script(Language::Cmd, &text, &rules());
        judge(&text, &rules());
    }

    #[test]
    fn commands_between_two_dangerous_ones_hide_nothing(
        first in "[a-z]{1,8}( [a-z.\\\\-]{1,8}){0,4}",
        last in "[a-z]{1,8}( [a-z.\\\\-]{1,8}){0,4}",
        joint in prop::sample::select(vec!["; ", " && ", "\n", " || ", " | "]),
    ) {
        let text = format!("{first}{joint}Remove-Item -Recurse src{joint}{last}");
        prop_assert!(judge_script(Language::PowerShell, &text, &rules()).is_some(), "{text}");
    }
}
