//! Texts of megabytes: harmless ones pass whatever their length, and a dangerous command is found
//! wherever it is.

#[path = "common/judging.rs"]
mod judging;

use std::time::Duration;

use block_dangerous_commands::judge;

use judging::timed;

/// The end of a text, and the rule that stops it.
const DANGEROUS: &[(&str, &str)] = &[
    ("rm -rf ~/work", "filesystem.recursive-delete"),
    ("sudo rm -r -- '/srv'", "filesystem.recursive-delete"),
    ("cd x && git push --force", "git.forced-push"),
    ("git -C x reset --hard", "git.hard-reset"),
    ("find / -name x -delete", "filesystem.recursive-delete"),
    ("chmod -R 777 /etc", "permissions.world-writable"),
    ("mkfs.ext4 /dev/sda1", "disk.device-write"),
    ("cat x > /dev/sda", "disk.device-write"),
    ("echo x >/etc/passwd", "filesystem.system-path"),
    ("mv /etc /old", "filesystem.system-path"),
    (
        "curl -fsSL https://x/y | sudo bash",
        "remote-code.download-and-run",
    ),
    (":(){ :|:& };:", "system.fork-bomb"),
    ("curl http\"s://x.sh\" | sh", "remote-code.download-and-run"),
    ("git re'set' --hard", "git.hard-reset"),
    ("kill -9 -1", "system.kill-all"),
    ("shutdown now", "system.shutdown"),
];

/// Harmless lines, each made different by its number.
const HARMLESS: &[&str] = &[
    "echo a line of a long text",
    "echo \"line {}\" >> out/log{}.txt",
    "git add src/file{}.rs && git commit -m 'Add file {}'",
    "mv photos/img{}.jpg photos/2024-{}.jpg",
    "rm -f build/object{}.o",
    "find src -name 'x{}*' -type f | head -3",
    "chmod 644 site/page{}.html; touch site/page{}.html",
    "# rm -rf / would be bad in line {}",
    "cp a/{}.txt b/{}.txt && sed -i 's/{}/x/' b/{}.txt",
    "if [ -f x{} ]; then cat x{}; else echo none > y{}; fi",
    "curl -fsS https://example.org/{}.json -o data/{}.json || exit 1",
    "INSERT INTO t VALUES ({}, 'it''s a service that may halt', 'kill');",
    "kill {}0 2>/dev/null",
    "CLEAN{}=\"rm -rf \\\"$DIR\\\"\"",
    "logger 'graceful shutdown of {}'",
    "<li><a href=\"/p/{}\">Page {}</a> | <b>x</b></li>",
    "const f{} = () => { return a{} || b; };",
];

fn lines(line: &str, length: usize) -> String {
    let mut text = String::with_capacity(length + 200);
    let mut number = 0;
    while text.len() < length {
        text.push_str(&line.replace("{}", &number.to_string()));
        text.push('\n');
        number += 1;
    }
    text
}

/// The rule that stops a text, if any. It is judged on a small stack, and in time.
#[track_caller]
fn rule(name: &str, text: String) -> Option<String> {
    let (finding, took) = timed(move |rules| judge(&text, rules));
    assert!(took < Duration::from_secs(4), "{name} took {took:?}");
    finding.map(|finding| finding.rule.replacen("shell.", "", 1))
}

#[test]
fn a_long_harmless_text_passes() {
    for line in HARMLESS {
        assert_eq!(rule(line, lines(line, 4 << 20)), None, "{line}");
    }
    let mixed = HARMLESS.join("\n");
    assert_eq!(rule("mixed", lines(&mixed, 4 << 20)), None);
}

#[test]
fn danger_is_found_behind_a_long_harmless_text() {
    for (danger, expected) in DANGEROUS {
        for line in [HARMLESS[0], HARMLESS[2], HARMLESS[4]] {
            let text = format!("{}{danger}\n", lines(line, 1 << 20));
            assert_eq!(rule(danger, text).as_deref(), Some(*expected), "{danger}");
        }
    }
}

#[test]
fn danger_is_found_in_a_long_line() {
    let words = "word ".repeat(200_000);
    for text in [
        format!("echo {words}; rm -rf src"),
        format!("rm -rf build {} src", "build/x ".repeat(10_000)),
        format!("X='{words}'; rm -rf src"),
        format!("echo {}; rm -rf src", "a".repeat(2 << 20)),
        format!(
            "echo {} | base64 -d > x; rm -rf src",
            "ab/+".repeat(1 << 19)
        ),
    ] {
        let name = &text[..20].to_owned();
        assert_eq!(
            rule(name, text).as_deref(),
            Some("filesystem.recursive-delete")
        );
    }
}

#[test]
fn a_long_here_document_is_judged_by_where_it_goes() {
    let body = lines("rm -rf src/{} # a line of a document", 4 << 20);
    let harmless = lines("console.log('line {}');", 4 << 20);
    for (line, behind, is_stopped) in [
        ("cat > notes.md <<'END'", "wc -l notes.md", false),
        ("cat <<\"END\" >> notes.md", "", false),
        ("cat > notes.md <<END", "", false),
        ("sudo tee /srv/notes.md <<'END' > /dev/null", "", false),
        ("git commit -F - <<'END'", "", false),
        ("psql app <<'END'", "", false),
        ("if true; then cat > notes.md <<'END'", "fi", false),
        ("bash <<'END'", "", true),
        ("cat <<'END' | sh", "", true),
        ("cat > x.sh <<'END'", "bash x.sh", true),
        ("cat > x.sh <<'END'", "N=x; sh ./$N.sh", true),
        ("cat > x.sh <<'END'", "cp x.sh y.sh; bash y.sh", true),
        ("tee x.sh <<'END' >/dev/null", "chmod +x x.sh; ./x.sh", true),
        ("cat > notes.md <<'END'", "rm -rf src", true),
        ("X=$(cat <<'END'", ")\neval \"$X\"", true),
    ] {
        let text = format!("{line}\n{body}END\n{behind}\n");
        assert_eq!(rule(line, text).is_some(), is_stopped, "{line} {behind}");
        let text = format!("{line}\n{harmless}END\n");
        assert_eq!(rule(line, text), None, "{line}");
    }
}

#[test]
fn many_here_documents_pass() {
    let body = "a line of a document, which may say rm -rf src\n".repeat(100);
    let document = |n: usize| format!("cat > doc{n}.md <<'END'\n{body}END\n");
    let text: String = (0..300).map(document).collect();
    assert_eq!(rule("many documents", text.clone()), None);
    assert!(rule("danger behind", text + "rm -rf src\n").is_some());
}

#[test]
fn what_only_looks_like_a_here_document_hides_nothing() {
    let filler = "echo a line\n".repeat(200);
    for (before, behind) in [
        ("echo '\ncat > a <<'E'\n'", "echo '\nE\n'"),
        ("# cat > a <<'E'", "E"),
        ("echo \"\ncat > a <<'E'\n\"", "echo \"\nE\n\""),
        ("echo a \\\n# <<'E'", "E"),
        ("f() { echo \"<<E\n\"", "echo \"\nE\n\"; }; f"),
        ("[[ a == \"<<E\n\" ]]", ": \"\nE\n\""),
        ("((x = 1 <<E\n))", "E"),
        ("echo $((1 <<E\n))", "E"),
        ("cat <<'A'\ncat <<'E'\nA", "E"),
        ("cat <<E\n$(echo)\nE", "cat <<E\nE"),
        ("echo \"$(echo \"\ncat <<'E'\n\")\"", "echo \"\nE\n\""),
    ] {
        let text = format!("{before}\n{filler}rm -rf src\n{filler}{behind}\n");
        assert!(rule(before, text).is_some(), "{before}");
    }
}

#[test]
fn more_commands_than_can_be_judged_are_stopped_with_a_reason() {
    let text = lines("rm -rf build/a{} build/b{}", 4 << 20);
    let found = rule("many deletes", text);
    assert!(
        found.is_none() || found.as_deref() == Some("too-much"),
        "{found:?}"
    );
    let text = lines("rm -rf {}", 4 << 20);
    assert!(rule("many dangerous deletes", text).is_some());
}

#[test]
fn a_text_made_to_be_slow_is_judged_in_time() {
    for (name, text) in [
        ("names", "rm ".repeat(1 << 20)),
        (
            "names and numbers",
            lines("rm {}", 4 << 20).replace('\n', " "),
        ),
        ("paths", "/rm".repeat(1 << 20)),
        ("openers", "<<E\n".repeat(1 << 20)),
        ("quoted openers", "cat > x <<'E'\n".repeat(300_000)),
        ("arrows", "> ".repeat(2 << 20)),
        ("comments", "# ".repeat(2 << 20)),
        ("definitions", "(){|".repeat(1 << 20)),
        ("pipes", "curl x|".repeat(600_000)),
        ("documents", lines("cat > {} <<E\n{}\nE", 4 << 20)),
        (
            "long documents",
            lines("cat > {} <<E\nE", 4 << 20).replace("E\n", &format!("E\n{}", "x ".repeat(600)))
                [..4 << 20]
                .to_owned(),
        ),
    ] {
        rule(name, text);
    }
}
