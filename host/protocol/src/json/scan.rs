//! The validating pass over JSON bytes.
//!
//! A [`Scanner`] is a position. What stands there is read by types and functions of their own, which are given the bytes and
//! a place and say where what they read ends. A value that nobody looks into is walked without recursion. The bytes are taken
//! to be UTF-8; whoever hands them in has checked that.

mod key;
mod marks;
mod nested;
mod scalar;
mod string;

use super::{Fault, MAX_DEPTH, Span};

pub(crate) use key::Key;
pub(crate) use string::string_end;

use key::Keyed;
use nested::nested_end;
use scalar::scalar_end;
use string::Quoted;

/// A position in a JSON text, moving forwards only.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

/// A walk through an object or array.
#[derive(Debug)]
pub(crate) struct Walk {
    close: u8,
    first: bool,
    span: Span,
}

impl Walk {
    /// Whether it goes through an object.
    pub(crate) fn is_object(&self) -> bool {
        self.close == b'}'
    }

    /// The place of the object or array, once the walk is over.
    pub(crate) fn span(&self) -> Span {
        self.span
    }
}

impl<'a> Scanner<'a> {
    /// A scanner at the start of `bytes` that takes at most `depth` levels.
    pub(crate) fn new(bytes: &'a [u8], depth: usize) -> Self {
        Self {
            bytes,
            at: 0,
            depth: depth.min(MAX_DEPTH),
        }
    }

    /// A scanner at a place within `bytes`, which are valid, that takes any depth from there on.
    pub(crate) fn resume(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            depth: MAX_DEPTH,
        }
    }

    /// Where it is.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The text that is scanned.
    pub(crate) fn text(&self) -> &'a [u8] {
        self.bytes
    }

    /// The first byte of what comes next, after white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let (at, byte) = ahead(self.bytes, self.at);
        self.at = at;
        byte
    }

    /// Steps over a key and its colon.
    #[inline(always)]
    pub(crate) fn key(&mut self) -> Result<Key, Fault> {
        self.peek();
        match Keyed::short(self.bytes, self.at) {
            Some(Keyed { key, end }) => {
                self.at = end;
                Ok(key)
            }
            None => self.any_key(),
        }
    }

    #[inline(never)]
    fn any_key(&mut self) -> Result<Key, Fault> {
        let Keyed { key, end } = Keyed::read(self.bytes, self.at)?;
        self.at = end;
        Ok(key)
    }

    /// Steps over one value of any kind.
    #[inline(always)]
    pub(crate) fn value(&mut self) -> Result<Span, Fault> {
        self.peek();
        match Quoted::short(self.bytes, self.at) {
            Some(span) => {
                self.at = span.end;
                Ok(span)
            }
            None => self.any_value(),
        }
    }

    #[inline(never)]
    fn any_value(&mut self) -> Result<Span, Fault> {
        let first = self.peek();
        let (bytes, start) = (self.bytes, self.at);
        self.at = match first {
            // It is no short one.
            Some(b'"') => Quoted::long(bytes, start)?.end,
            Some(b'{' | b'[') => nested_end(bytes, start, self.depth)?,
            Some(byte) => scalar_end(bytes, start, byte)?,
            None => return self.fault("the text ends where a value is expected"),
        };
        let end = self.at;
        Ok(Span { start, end })
    }

    /// Walks an object; `field` is called after each key and steps over its value.
    #[inline]
    pub(crate) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, Key) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        let mut walk = self.open(b'{')?;
        while self.step(&mut walk)? {
            let key = self.key()?;
            field(self, key)?;
        }
        Ok(walk.span)
    }

    /// Walks an array; `element` is called at each element and steps over it.
    #[inline]
    pub(crate) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        let mut walk = self.open(b'[')?;
        while self.step(&mut walk)? {
            element(self)?;
        }
        Ok(walk.span)
    }

    /// Walks an object for the values of the named keys, none of which may stand there twice.
    #[inline]
    pub(crate) fn fields<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<[Option<Span>; N], Fault> {
        self.fields_by(names, |scanner, _| scanner.value())
    }

    /// The same; `value` is called after each key, with what that says, and steps over its value.
    #[inline]
    pub(crate) fn fields_by<const N: usize>(
        &mut self,
        names: [&str; N],
        mut value: impl FnMut(&mut Self, &[u8]) -> Result<Span, Fault>,
    ) -> Result<[Option<Span>; N], Fault> {
        let mut found = [None; N];
        self.object(|scanner, key| {
            let name = key.name(scanner.bytes);
            let value = value(scanner, &name)?;
            if let Some(slot) = names.iter().position(|wanted| wanted.as_bytes() == &*name) {
                if found[slot].is_some() {
                    return Err(Fault {
                        reason: Fault::TWICE,
                        at: key.span.start,
                    });
                }
                found[slot] = Some(value);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The text must be over but for white space.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => self.fault("something follows the value"),
        }
    }

    /// Begins to walk an object (`{`) or array (`[`). Each [`step`](Self::step) that says so is at an
    /// entry, which the caller steps over: the key first, in an object.
    #[inline]
    pub(crate) fn open(&mut self, open: u8) -> Result<Walk, Fault> {
        if self.peek() != Some(open) {
            return self.fault("another kind of value is expected");
        }
        let start = self.at;
        self.enter()?;
        Ok(Walk {
            // In ASCII each closing bracket is two behind its opening one.
            close: open + 2,
            first: true,
            span: Span { start, end: start },
        })
    }

    /// Goes to the next entry; false behind the last.
    #[inline]
    pub(crate) fn step(&mut self, walk: &mut Walk) -> Result<bool, Fault> {
        let first = std::mem::replace(&mut walk.first, false);
        match self.peek() {
            Some(byte) if byte == walk.close => {
                self.at += 1;
                self.depth += 1;
                walk.span.end = self.at;
                Ok(false)
            }
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => self.fault("a comma or the end of the list is expected"),
        }
    }

    /// Steps into an object or array.
    #[inline]
    fn enter(&mut self) -> Result<(), Fault> {
        if self.depth == 0 {
            return self.fault(Fault::TOO_DEEP);
        }
        self.depth -= 1;
        self.at += 1;
        Ok(())
    }

    #[cold]
    fn fault<T>(&self, reason: &'static str) -> Result<T, Fault> {
        fault(reason, self.at)
    }
}

/// The first place from `at` on that has no white space, and the byte there.
#[inline]
fn ahead(bytes: &[u8], mut at: usize) -> (usize, Option<u8>) {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
            other => return (at, other.copied()),
        }
    }
}

#[cold]
fn fault<T>(reason: &'static str, at: usize) -> Result<T, Fault> {
    Err(Fault { reason, at })
}
