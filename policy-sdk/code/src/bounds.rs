//! Bounds on what is parsed. The parser is recursive, and a policy's stack is small.
//!
//! The scanner here knows strings, templates, comments and regular expressions, but no grammar. It
//! may count too much nesting, but never too little.

mod scan;

use crate::Bound;

/// The longest source that is parsed, in bytes.
pub(crate) const LONGEST: usize = 1 << 20;
/// How deeply brackets may be nested.
const DEEPEST: usize = 48;
/// How deeply constructs without brackets may be nested: `a ? b : c ? …`, `x => y => …`, `else if`,
/// `!!!!`.
const LONGEST_RUN: usize = 120;

/// Checks that the parser can be trusted with this source.
pub(crate) fn check(source: &str) -> Result<(), Bound> {
    if source.len() > LONGEST {
        return Err(Bound::Length);
    }
    if scan::Scanner::new(source).finds_depth() {
        return Err(Bound::Nesting);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(check(&line.repeat(500)), Ok(()), "{line}");
        }
    }
}
