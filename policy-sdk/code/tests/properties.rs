//! Properties of every source, not only of those in the list.

use std::time::Instant;

use proptest::prelude::*;
use sluice_policy_code::{Reason, Target, UNKNOWN, calls};

fn sources() -> Vec<String> {
    let list = include_str!("calls.txt");
    let blocks = list.split("\n\n").filter(|block| !block.starts_with("## "));
    let source = |block: &str| -> String {
        let lines = block.lines().filter(|line| !line.starts_with("=> "));
        lines.map(|line| format!("{line}\n")).collect()
    };
    blocks.map(source).collect()
}

/// Pieces from which random programs are built.
const PARTS: &[&str] = &[
    "tools",
    ".exec_command",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "cmd: ",
    "\"rm\"",
    "`${",
    "}`",
    "=> ",
    "x",
    "y",
    " = ",
    ";",
    "let ",
    "const ",
    "async ",
    "await ",
    "function ",
    "function* ",
    "yield ",
    "return ",
    "if ",
    "else ",
    "for (const ",
    " of ",
    "while ",
    "do ",
    "try ",
    "catch ",
    "class ",
    "extends ",
    "new ",
    "super",
    "this",
    "...",
    "?.",
    "??",
    "||",
    "+",
    "-",
    "++",
    "/",
    "/a/g",
    ",",
    ":",
    "?",
    ".join",
    ".map",
    ".call",
    ".then",
    "eval",
    "\\u0065",
    "\n",
    "0",
    "1e9",
    "import ",
    "export ",
    " from ",
    "with ",
    "switch ",
    "case ",
    "\u{FFFF}",
    "\u{1F600}",
    "//",
    "/*",
    "*/",
    "'",
    "`",
    ".repeat",
    ".slice",
    ".length",
    "Object.assign",
    "JSON.parse",
    "arguments",
    "get ",
    "static ",
    "#x",
    "<",
    ">",
];

/// Whether one of the calls has this command.
fn has_command(source: &str, command: &str) -> bool {
    let found = match calls(source) {
        Ok(found) => found,
        Err(error) => error.calls,
    };
    found.iter().any(|call| {
        call.arguments
            .iter()
            .any(|argument| argument["cmd"] == command)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_is_too_much(text in "\\PC{0,200}") {
        let _ = calls(&text);
    }

    #[test]
    fn no_heap_of_parts_is_too_much(parts in prop::collection::vec(prop::sample::select(PARTS), 0..60)) {
        let _ = calls(&parts.concat());
    }

    #[test]
    fn no_program_is_too_much_when_it_is_cut_and_mixed(
        one in prop::sample::select(sources()),
        other in prop::sample::select(sources()),
        cut in any::<prop::sample::Index>(),
        rest in any::<prop::sample::Index>(),
        part in prop::sample::select(PARTS),
    ) {
        let cut = one.char_indices().nth(cut.index(one.chars().count())).map_or(0, |(at, _)| at);
        let rest = other.char_indices().nth(rest.index(other.chars().count())).map_or(0, |(at, _)| at);
        let _ = calls(&format!("{}{part}{}", &one[..cut], &other[rest..]));
    }

    /// A command is found, however its text is written or passed around.
    #[test]
    fn a_command_is_found_however_it_is_made(
        command in "[a-z~/ -]{1,12}",
        ways in prop::collection::vec(0usize..14, 1..4),
    ) {
        let mut source = format!("{command:?}");
        let mut before = String::new();
        for (at, way) in ways.into_iter().enumerate() {
            source = match way {
                0 => format!("`${{{source}}}`"),
                1 => format!("({source} + '')"),
                2 => format!("[{source}].join(' ')"),
                3 => format!("await (async function () {{ return {source} }})()"),
                4 => format!("(x => x)({source})"),
                5 => format!("(await (async () => {source})())"),
                6 => format!("({{a: {source}}}).a"),
                7 => format!("JSON.parse(JSON.stringify({source}))"),
                8 => format!("{source}.split('').reverse().reverse().join('')"),
                9 => format!("(decodeURIComponent('%20').trim() + {source})"),
                10 => format!("(load('x') ? {source} : 'other')"),
                11 => format!("[...{source}].map(c => String.fromCharCode(c.charCodeAt(0))).join('')"),
                12 => {
                    before.push_str(&format!("let v{at}; if (load('y')) v{at} = {source};\n"));
                    format!("v{at}")
                }
                _ => {
                    before.push_str(&format!("function f{at}(x) {{ return x }}\n"));
                    format!("f{at}.call(null, {source})")
                }
            };
        }
        let source = format!("{before}await tools.exec_command({{ cmd: {source} }});");
        prop_assert!(has_command(&source, &command), "{source}");
    }
}

fn many(part: &str, count: usize) -> String {
    part.repeat(count)
}

fn each(count: usize, part: fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// Programs whose values or paths double with each line.
fn doubling() -> Vec<String> {
    vec![
        each(40, |n| {
            format!("function f{n}() {{ f{}(); f{}() }}\n", n + 1, n + 1)
        }) + "f0()",
        format!("let a = 'x'; {} tools.t({{a}})", many("a += a;", 60)),
        format!(
            "let a = ''; {} tools.t({{a}})",
            many("if (load('x')) a += 'x'; else a += 'y';", 60)
        ),
        format!(
            "let a = [1]; {} tools.t({{a}})",
            many("a = [...a, ...a];", 60)
        ),
        format!(
            "{} tools.t(){}",
            many("for (const a of [1,2,3,4]) {", 20),
            many("}", 20)
        ),
        format!(
            "let s = ''; {} s += 'x' {}",
            many("while (load('a')) {", 20),
            many("}", 20)
        ),
        "const s = 'eval(s); eval(s)'; eval(s)".to_owned(),
        "const f = x => f(f(f(x))); f(1)".to_owned(),
        "const o = {get a() { return this.a + this.a }}; tools.t(o)".to_owned(),
        "const o = {}; o.o = o; o.p = o; tools.t(o); `${o}`; [o].flat(9)".to_owned(),
    ]
}

/// Programs that never end, or that make much out of little.
fn endless() -> Vec<String> {
    vec![
        "let i = 0; while (i < 1e9) i++".to_owned(),
        "const a = [1]; for (const x of a) a.push(x)".to_owned(),
        "tools.t('x'.repeat(1e6).replace(/x/g, 'y'.repeat(1e6)))".to_owned(),
        "tools.t('x'.repeat(1e6).replaceAll('x', 'y'.repeat(1e6)))".to_owned(),
        "const s = 'x'.repeat(1e6); tools.t(Array(4096).fill(s).join(s))".to_owned(),
        "const s = 'x'.repeat(1e6); tools.t(Array(4096).fill(s))".to_owned(),
        "const s = 'é'.repeat(3e5); for (let i = 0; i < s.length; i++) s.charCodeAt(i)".to_owned(),
        format!("'{}'.replace(/(a*)*b/g, '')", many("a", 5_000)),
    ]
}

/// Programs that are long or deep.
fn large() -> Vec<String> {
    vec![
        each(3_000, |n| format!("let a{n} = {n};")) + &many("a0;", 3_000),
        each(3_000, |n| format!("tools.t({n});")),
        many("(", 100_000),
        many("a ? b : ", 50_000),
        format!("tools.t({} 'x')", many("'a' + ", 20_000)),
        format!("tools.t('a'{})", many(".trim()", 5_000)),
        format!("{}x{}", many("`${", 40), many("}`", 40)),
    ]
}

#[test]
fn what_grows_faster_than_its_source_meets_a_bound() {
    for source in doubling().into_iter().chain(endless()).chain(large()) {
        let start = Instant::now();
        let _ = calls(&source);
        let took = start.elapsed().as_millis();
        assert!(
            took < 4_000,
            "{took} ms: {}",
            &source[..source.len().min(80)]
        );
    }
}

#[test]
fn a_program_twice_as_long_takes_twice_as_many_steps() {
    let line = "const r = await tools.exec_command({ cmd: `ls ${1 + 1}` }); text(r.output);\n";
    let program = |lines: usize| -> String {
        (0..lines)
            .map(|n| format!("{{ {} }}", line.replace('1', &n.to_string())))
            .collect()
    };
    assert_eq!(calls(&program(20)).unwrap().len(), 20);
    assert_eq!(calls(&program(40)).unwrap().len(), 40);
}

#[test]
fn a_bound_that_is_met_is_told_with_what_was_found() {
    let text = "a".repeat(1_000);
    let many: String = (0..600)
        .map(|n| format!("tools.t({n}, '{text}');"))
        .collect();
    let error = calls(&many).unwrap_err();
    assert_eq!(error.calls.len(), 512);
    assert!(error.to_string().contains("too many calls"), "{error}");
    assert!(matches!(error.reason, Reason::Bound(_)));

    let error = calls("tools.t({a: 'x'}); this is no program").unwrap_err();
    assert_eq!(error.reason, Reason::Syntax);
}

#[test]
fn what_is_wholly_unknown_is_still_a_call() {
    let found = calls("tools.exec_command({ cmd: await load('x') })").unwrap();
    assert_eq!(found[0].target, Target::Tool("exec_command".to_owned()));
    assert_eq!(found[0].arguments[0]["cmd"], UNKNOWN.to_string());
}
