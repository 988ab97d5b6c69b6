//! What judging commands costs in fuel. One unit is about one WebAssembly instruction.

use std::sync::Arc;

use serde_json::json;
use sluice_engine::{Limits, Outcome, Policy, PolicySpec};
use sluice_protocol::{Block, ToolCall};

use crate::support::{call, chain, chain_of, load, request, spec};

/// What a usual command may cost. A unit takes about half a nanosecond, so this allows 0.3 ms.
const USUAL: u64 = 300_000;
/// What a byte of a long command may cost. A call gets 800 for each byte.
const OF_A_BYTE: u64 = 300;
/// The length of a long command, in bytes.
const LONG: usize = 1 << 20;

/// The policy, with its default fuel.
fn policy() -> Arc<Policy> {
    load(PolicySpec {
        limits: Limits::default(),
        ..spec("p", "block-dangerous-commands", json!({}))
    })
}

/// The fuel for judging one command, and the rule that stopped it.
async fn spent(policy: &Arc<Policy>, command: &str) -> (u64, Option<String>) {
    let mut chain = chain(&[policy]);
    let arguments = json!({"command": command}).to_string();
    chain.on_block(call(&arguments)).await;
    let events = chain.take_events();
    let rule = match &events[0].outcome {
        Outcome::Verdict { rule, .. } => rule.clone(),
        other => panic!("{other:?}: {}", &command[..command.len().min(60)]),
    };
    (events.iter().map(|event| event.fuel).sum(), rule)
}

fn lines(line: &str) -> String {
    let lines = (0..).map(|number| line.replace("{}", &format!("{number}")) + "\n");
    let mut length = 0;
    lines
        .take_while(|line| {
            length += line.len();
            length < LONG
        })
        .collect()
}

#[tokio::test]
async fn a_usual_command_is_cheap() {
    let policy = policy();
    for command in [
        "ls -la",
        "cargo test -p sluice-engine 2>&1 | tail -20",
        "cd web && rm -rf node_modules && npm install",
        "git add -A && git commit -m \"$(cat <<'EOF'\nAdd a thing\n\nBecause.\nEOF\n)\"",
        "find . -name '*.py' -not -path './venv/*' | xargs grep -n 'import os' | head -50",
        "for f in $(ls *.txt); do wc -l \"$f\" >> out.log; done; python3 -c 'print(1)'",
    ] {
        let (fuel, rule) = spent(&policy, command).await;
        assert_eq!(rule, None, "{command}");
        assert!(fuel < USUAL, "{command}: {fuel}");
    }
}

#[tokio::test]
async fn a_long_command_costs_what_its_length_allows() {
    let policy = policy();
    let document = lines("a line {} of a document, which says rm -rf src");
    for text in [
        lines("echo a line of a long text"),
        lines("git add src/file{}.rs && git commit -m 'Add file {}'"),
        lines("rm -f build/object{}.o"),
        lines("kill {}0 2>/dev/null"),
        format!("cat > notes.md <<'END'\n{document}END\n"),
    ] {
        let name = &text[..40];
        let (fuel, rule) = spent(&policy, &text).await;
        assert_eq!(rule, None, "{name}");
        assert!(fuel < OF_A_BYTE * text.len() as u64, "{name}: {fuel}");
        let (_, rule) = spent(&policy, &format!("{text}rm -rf ~/work\n")).await;
        let expected = Some("shell.filesystem.recursive-delete");
        assert_eq!(rule.as_deref(), expected, "{name}");
    }
}

/// Returns harmless commands of about this length that run scripts of JavaScript.
fn scripts(length: usize) -> Vec<String> {
    let loops =
        "const fs=require('fs');for(const f of fs.readdirSync('a')){const x=f+'b';g(x);h([x,x+1])}";
    let deletes = "const fs=require('fs');fs.unlinkSync('a{}');fs.renameSync('b{}','c{}');";
    let document = |script: &str| format!("node <<'EOF'\n{script}\nEOF\n");
    let part = of_length(loops, (length / 16).max(loops.len() + 1));
    let parts = (0..16).map(|number| document(&format!("{part}// {number}")));
    vec![
        document(&of_length(deletes, length)),
        document(&of_length(loops, length)),
        of_length(&format!("node -e \"{deletes}\""), length),
        of_length(&format!("node -e \"{loops} // {{}}\""), length),
        of_length("node -e \"console.log({})\"", length),
        parts.collect(),
    ]
}

#[tokio::test]
async fn scripts_in_a_command_are_judged_within_its_fuel() {
    let policy = policy();
    for length in [1 << 10, 4 << 10, 10 << 10, 20 << 10, 30 << 10, 200 << 10] {
        for command in scripts(length) {
            let name = format!("{length}: {}", &command[..40]);
            let (_, rule) = spent(&policy, &command).await;
            assert_eq!(rule, None, "{name}");
            let (_, rule) = spent(&policy, &format!("{command}rm -rf ~/work\n")).await;
            let expected = Some("shell.filesystem.recursive-delete");
            assert_eq!(rule.as_deref(), expected, "{name}");
        }
    }
}

/// A request that declares the one tool of code mode.
const CODE_MODE: &str = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hello"}],"tools":[{"type":"custom","name":"exec","description":"Runs raw JavaScript"}]}"#;

/// Judges a program. Returns the fuel that it took, and the rule that stopped it.
async fn spent_on_program(policy: &Arc<Policy>, source: &str) -> (u64, Option<String>) {
    let mut chain = chain_of(&[policy], request(CODE_MODE));
    let call = ToolCall {
        id: "call_1".to_owned(),
        name: "exec".to_owned(),
        arguments: json!(source).to_string(),
    };
    chain.on_block(Block::ToolCall(call)).await;
    let events = chain.take_events();
    let rule = match &events[0].outcome {
        Outcome::Verdict { rule, .. } => rule.clone(),
        other => panic!("{other:?}: {}", &source[..source.len().min(60)]),
    };
    (events.iter().map(|event| event.fuel).sum(), rule)
}

fn of_length(line: &str, length: usize) -> String {
    let lines = lines(line);
    let end = lines[..length.min(lines.len())].rfind('\n');
    let lines = &lines[..end.map_or(0, |end| end + 1)];
    lines.repeat(length.div_ceil(lines.len()))
}

/// Returns harmless programs of about this length.
fn programs(length: usize) -> Vec<String> {
    let document = of_length("+ a line {} of a document, which says rm -rf src", length);
    let deep = format!("f({}1{});\n", "[".repeat(40), "]".repeat(40));
    let too_deep = format!("{}1{}", "[".repeat(length / 2), "]".repeat(length / 2));
    let on_one_line =
        "function f{}(a,b){var c=a[b]||{};for(var d=0;d<c.length;d++){c[d]=g(c,d)}return c}";
    vec![
        of_length(
            "const v{} = await tools.exec_command({ cmd: \"ls src/{}\" }); text(v{}.output);",
            length,
        ),
        of_length(
            "await tools.update_plan({ plan: [{ step: \"Do thing {}\", status: \"pending\" }] });",
            length,
        ),
        of_length(
            "text((await tools.exec_command({ cmd: \"for f in $(ls *.txt); do wc -l $f >> out{}.log; done; find . -name '*.py' | xargs grep -n 'import os' | head -50\" })).output);",
            length,
        ),
        of_length(
            "const v{} = a{} + f({}, 'text') ? [1, {}] : { b: {} };",
            length,
        ),
        of_length(
            "function f{}(a) { const x = a + {}; return text(x) }",
            length,
        ),
        of_length(
            "const v{}: string = await tools.exec_command({ cmd: \"ls src/{}\" } as any);",
            length,
        ),
        of_length("v{} = {};", length),
        of_length("// a comment of line {}, nothing more", length) + "text('x');",
        format!(
            "const d = [{}]; text(d.length);",
            of_length("{ id: {}, tags: ['a', 'b'] },", length)
        ),
        format!(
            "const files = [{}];\nfor (const f of files) text((await tools.exec_command({{ cmd: `sed -n 1,20p ${{f}}` }})).output);",
            of_length("'src/file{}.rs',", length)
        ),
        format!("text(await tools.write_file({{ path: 'a.md', content: `{document}` }}));"),
        of_length(on_one_line, length).replace('\n', ";"),
        deep.repeat(length.div_ceil(deep.len())),
        too_deep,
    ]
}

#[tokio::test]
async fn a_program_of_any_length_is_judged_within_its_fuel() {
    let policy = policy();
    for length in [
        1 << 10,
        4 << 10,
        10 << 10,
        20 << 10,
        30 << 10,
        60 << 10,
        200 << 10,
    ] {
        for program in programs(length) {
            let (_, rule) = spent_on_program(&policy, &program).await;
            assert_eq!(rule, None, "{length}: {}", &program[..60]);
        }
    }
}

#[tokio::test]
async fn danger_is_found_behind_a_program_of_any_length() {
    let policy = policy();
    let danger = "\n;await tools.exec_command({ cmd: \"rm -rf ~/work\" });";
    for length in [10 << 10, 30 << 10, 900 << 10, 1_100 << 10, 8 << 20] {
        for program in programs(length) {
            let name = program[..60].to_owned();
            if length > 200 << 10 {
                let (_, rule) = spent_on_program(&policy, &program).await;
                let is_by_words = program.len() > 1 << 20 && program.contains("rm -rf");
                assert!(rule.is_none() || is_by_words, "{length}: {name}: {rule:?}");
            }
            let (_, rule) = spent_on_program(&policy, &(program + danger)).await;
            let expected = Some("shell.filesystem.recursive-delete");
            assert_eq!(rule.as_deref(), expected, "{length}: {name}");
        }
    }
}
