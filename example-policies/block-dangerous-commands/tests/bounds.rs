//! Texts that try to exhaust the policy are judged in bounded time and stack.

#[path = "common/judging.rs"]
mod judging;

use std::time::Duration;

use block_dangerous_commands::judge;

use judging::timed;

#[track_caller]
fn check(name: &'static str, text: String, is_stopped: bool) {
    let (finding, took) = timed(move |rules| judge(&text, rules));
    assert_eq!(finding.is_some(), is_stopped, "{name}: {finding:?}");
    assert!(took < Duration::from_secs(2), "{name} took {took:?}");
}

#[test]
fn deep_texts_are_judged_by_their_words() {
    for (name, open, close) in [
        ("subshells", "( ", " )"),
        ("groups", "{ ", "; }"),
        ("substitutions", "echo $(", ")"),
        ("quoted substitutions", "echo \"$(", ")\""),
        ("processes", "cat <(", ")"),
        ("conditions", "if true; then ", "; fi"),
        ("loops", "while true; do ", "; done"),
        ("negations", "! ", ""),
        ("times", "time ", ""),
        ("parameters", "${X:-", "}"),
        ("arithmetic", "$((", "))"),
        ("sudo", "sudo ", ""),
        ("cases", "case x in x) ", ";; esac"),
        ("tests", "[[ ( ", " ) ]]"),
        ("coprocesses", "coproc ", ""),
        ("functions", "f() { ", "; }"),
        ("braces", "{a,", "}"),
    ] {
        for depth in [3, 6, 12, 40, 200, 3_000] {
            let text = format!("{}rm -rf src{}", open.repeat(depth), close.repeat(depth));
            let rules = ["parameters", "arithmetic", "braces", "functions", "tests"];
            if rules.contains(&name) {
                let and = format!("{}x{}; rm -rf src", open.repeat(depth), close.repeat(depth));
                check(name, and, true);
            } else {
                check(name, text, true);
            }
        }
    }
}

#[test]
fn long_texts_are_judged_by_their_words() {
    let lines = "echo a line of a long text\n".repeat(40_000);
    check("long and harmless", lines.clone(), false);
    check("long and dangerous", format!("{lines}rm -rf src\n"), true);
    check("one long word", "a".repeat(2_000_000), false);
    check(
        "many words",
        format!("echo {}", "word ".repeat(100_000)),
        false,
    );
    check("many commands", "rm -rf build;".repeat(3_000), false);
    check("many variables", "X=$X$X$X$X; ".repeat(2_000), false);
    check("many quotes", "'\"".repeat(50_000), false);
    check("many backticks", "`".repeat(50_001), false);
    check("many dollars", "$".repeat(50_000), false);
}

#[test]
fn growing_texts_stay_bounded() {
    check(
        "doubling",
        format!("X=aaaaaaaa; {} echo $X", "X=$X$X; ".repeat(40)),
        false,
    );
    check(
        "braces",
        "echo {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}".to_owned(),
        false,
    );
    check("range", "echo {1..1000000000}".to_owned(), false);
    check(
        "loops",
        format!(
            "{} echo {}",
            "for i in 1 2 3 4 5 6 7 8; do ".repeat(8),
            "; done".repeat(8)
        ),
        false,
    );
    check("recursion", "f() { f; f; }; f".to_owned(), false);
    check(
        "mutual recursion",
        "f() { g $1$1; }; g() { f $1$1; }; f aaaa".to_owned(),
        false,
    );
    check(
        "self eval",
        "X='eval \"$X\"'; eval \"$X\"".to_owned(),
        false,
    );
    check("self source", "echo '. ./x' > x; . ./x".to_owned(), false);
    let recipe = "printf 'all: all\\n\\t$(MAKE) $(X)\\nX = $(X)$(X)\\n' > Makefile; make";
    check("make of itself", recipe.to_owned(), false);
    let script = "npm pkg set scripts.x='npm run x; npm run x'; npm run x";
    check("script of itself", script.to_owned(), false);
    let python = "def f(x):\n  f(x + x)\n  g(x + x)\ndef g(x):\n  f(x)\n  f(x)\ng('aaaa')";
    check("python", format!("python3 - <<'EOF'\n{python}\nEOF"), false);
    let list = "x = ['a']\nx += x\n".repeat(60) + "' '.join(x)";
    check("lists", format!("python3 - <<'EOF'\n{list}\nEOF"), false);
    let quine = "node -e \"const s = process.argv; require('child_process').execSync(\\`node -e '\\${s}'\\`)\"";
    check("node of itself", quine.to_owned(), false);
    check("alias of itself", "alias a='a a'; a".to_owned(), false);
    check("wildcards", format!("rm -rf {}b", "*a".repeat(2_000)), true);
}

#[test]
fn what_is_spent_before_the_danger_is_judged_by_its_words() {
    let loops = "for i in 1 2 3 4 5 6 7 8; do ".repeat(8);
    let ends = "; done".repeat(8);
    check("loops", format!("{loops} echo $i {ends}; rm -rf src"), true);
    check("recursion", "f() { f; f; }; f; rm -rf src".to_owned(), true);
}

/// A program is followed on the stack of the shell that runs it.
#[test]
fn a_program_that_nests_to_its_bound_is_judged_below_many_functions() {
    let nested = |open: &str, depth: usize, close: &str| {
        let program = "require('child_process').execSync('ls')";
        format!("f({}{program}{})", open.repeat(depth), close.repeat(depth))
    };
    for program in [
        nested("(", 40, ")"),
        nested("f(", 40, ")"),
        nested("`${", 40, "}`"),
        nested("(() => {", 20, "})()"),
        nested("(class { static x = ", 20, " })"),
        nested("[a ? b : !", 30, "]"),
        nested("x => ", 60, ""),
    ] {
        let functions: String = (1..10)
            .map(|n| format!("f{n}() {{ f{}; }}; ", n - 1))
            .collect();
        let script = format!("cat > x.js <<'EOF'\n{program}\nEOF\nf0() {{ node x.js; }}; ");
        check("nested", format!("{script}{functions}f9"), false);
        let danger = script.replace("execSync('ls')", "execSync('rm -rf src')");
        check(
            "nested and dangerous",
            format!("{danger}{functions}f9"),
            true,
        );
    }
}
