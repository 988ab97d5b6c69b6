//! Bounds on what is parsed. The parser is recursive, and a policy's stack is small.
//!
//! The scanner here knows strings, templates, comments and regular expressions, but no grammar. It
//! may count too much nesting, but never too little.

mod scan;

use crate::Bound;

/// The longest source that is parsed, in bytes.
pub(crate) const LONGEST: usize = 1 << 20;
/// The most tokens of a source, in addition to those for its length. Parsing one takes about a thousand
/// units of the host's fuel.
const MOST_TOKENS: usize = 4_000;
/// How many bytes of a source allow one more token: a long text in a source is one token.
const BYTES_PER_TOKEN: usize = 8;
/// How deeply brackets may be nested.
const DEEPEST: usize = 48;
/// How deeply constructs without brackets may be nested: `a ? b : c ? …`, `x => y => …`, `else if`,
/// `!!!!`.
const LONGEST_RUN: usize = 120;

/// Checks that the parser can be trusted with this source. Returns the number of its tokens, which is at
/// most `left`.
pub(crate) fn check(source: &str, left: usize) -> Result<usize, Bound> {
    if source.len() > LONGEST {
        return Err(Bound::Length);
    }
    let most = MOST_TOKENS + source.len() / BYTES_PER_TOKEN;
    scan::Scanner::new(source).walk(most.min(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str) -> Result<(), Bound> {
        super::check(source, usize::MAX).map(drop)
    }

    #[test]
    fn what_nests_is_bounded_however_it_nests() {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{", "}"),
            ("`${", "}`"),
            ("f(() => {", "})"),
            ("a ? b : ", ""),
            ("x => ", ""),
            ("async x => ", ""),
            ("a = ", ""),
            ("a ** ", ""),
            ("!", ""),
            ("-", ""),
            ("- ", ""),
            ("- +", ""),
            ("typeof ", ""),
            ("new ", ""),
            ("await ", ""),
            ("if (a) ", ""),
            ("if (a) {} else ", ""),
            ("if (a); else ", ""),
            ("for (;;) ", ""),
            ("while (a) ", ""),
            ("do ", " while (a)"),
            ("with (a) ", ""),
            ("a: ", ""),
            ("a ? {} : ", ""),
            ("a ? b() : ", ""),
            ("a\n? b\n: ", ""),
            ("if (a)\n", ""),
            ("(/[(`]/, ", ")"),
            ("a ? /[`]/ : ", ""),
            ("a ?? !", ""),
            ("x = <A>", ""),
            ("class extends ", ""),
            ("yield ", ""),
        ] {
            let deep = open.repeat(150) + "1" + &close.repeat(150);
            assert_eq!(check(&deep), Err(Bound::Nesting), "{open}");
        }
    }

    #[test]
    fn what_is_long_may_be_parsed_if_its_texts_are() {
        let (text, code) = ("a line of a text, ".repeat(20_000), "a(b);".repeat(20_000));
        for source in [
            format!("f('{text}')"),
            format!("f(`{text}`)"),
            format!("// {text}\nf()"),
            format!("/* {code} */ f()"),
        ] {
            assert_eq!(check(&source), Ok(()));
        }
        assert_eq!(check(&code), Err(Bound::Length));
        assert_eq!(check(&text.repeat(3)), Err(Bound::Length));
    }

    #[test]
    fn what_is_long_and_not_deep_may_be_parsed() {
        for line in [
            "const a = await f({ b: [c ? 1 : 2], d: `${e}` });\n",
            "const a = await f(b)\n",
            "await f(b)\n",
            "f(b);",
            "if (a) { b() } else { c() }\n",
            "if (a) b()\nelse c()\n",
            "if (a) b();\n",
            "x = a / b / c\n",
            "x = /[({]/.test('((')\n",
            "const f = (a) => a ? 1 : 2\n",
            "function f(a) { return !a }\n",
            "// ((((((((\n",
            "/* (((( */ x = '((((' + \"{{{{\" + `[[[[`\n",
            "return x\n",
            "label: for (const a of b) { continue label }\n",
            "a + b, ",
            "({ a: 1, b: x => 2 });\n",
            "case a: b(); break;\n",
        ] {
            assert_eq!(check(&line.repeat(200)), Ok(()), "{line}");
        }
    }
}
