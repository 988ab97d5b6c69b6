//! The variables and objects of a program, which it changes as it runs.
//!
//! Code that may not run, or runs any number of times, is a *region*: a branch, a loop. Inside a
//! region, a change to something from outside adds an alternative. All other changes replace the
//! old value.

mod alternatives;
mod scopes;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::rc::Rc;

use alternatives::{ever, remember};

use crate::function::Function;
use crate::value::{Id, Value, one_of};
use crate::{Bound, UNKNOWN};

/// The most objects, variables and scopes of a program.
const MOST_OBJECTS: usize = 20_000;
/// The most elements of one list.
pub(crate) const MOST_ELEMENTS: usize = 4_096;

/// The kind of an object.
#[derive(Clone, Debug)]
pub(crate) enum Kind<'a> {
    Plain,
    /// A list: its elements, and whether there may be more.
    List(Vec<Value>, bool),
    Function(Rc<Function<'a>>),
    /// A function that is bound to its first arguments.
    Bound {
        function: Value,
        this: Value,
        arguments: Rc<[Value]>,
    },
    /// A regular expression, with its flags.
    Pattern(Rc<str>, Rc<str>),
}

/// A field of an object.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: Rc<str>,
    pub(crate) value: Value,
    /// Whether reading it calls the value.
    pub(crate) is_getter: bool,
    /// Its earlier values.
    past: Vec<Value>,
}

impl Field {
    pub(crate) fn new(name: &str, value: Value, is_getter: bool) -> Self {
        Self {
            name: name.into(),
            value,
            is_getter,
            past: Vec::new(),
        }
    }
}

/// An object.
#[derive(Clone, Debug)]
pub(crate) struct Object<'a> {
    pub(crate) kind: Kind<'a>,
    pub(crate) fields: Vec<Field>,
    /// The object that has its inherited fields: its class.
    pub(crate) parent: Option<Value>,
    region: u32,
}

struct Cell {
    value: Value,
    region: u32,
    /// Its earlier values.
    past: Vec<Value>,
}

/// Without random keys: a policy has none, and a program is as long as its bound allows.
pub(crate) type Table<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

struct Scope<'a> {
    parent: Option<u32>,
    /// Names, and where their values are.
    names: Table<&'a str, u32>,
    is_function: bool,
    /// The object of a `with`, whose fields are names here.
    object: Option<Value>,
}

/// The mutable state of a program.
pub(crate) struct Heap<'a> {
    objects: Vec<Object<'a>>,
    cells: Vec<Cell>,
    scopes: Vec<Scope<'a>>,
    /// Values that were assigned over the runtime's own: `globalThis.x = …`.
    written: Table<Rc<str>, Value>,
    region: u32,
    regions: u32,
    /// Whether an alternative was added to an old value.
    pub(crate) is_changed: bool,
    /// The first bound that was exceeded, if any.
    pub(crate) met: Option<Bound>,
    /// How many names were compared to find others.
    pub(crate) searched: usize,
    /// Whether a value was replaced by another.
    pub(crate) has_past: bool,
    /// How many variables, and how many objects, are read with all their earlier values.
    with_past: (usize, usize),
}

impl<'a> Heap<'a> {
    pub(crate) fn new() -> Self {
        let program = Scope {
            parent: None,
            names: Table::default(),
            is_function: true,
            object: None,
        };
        Self {
            objects: Vec::new(),
            cells: Vec::new(),
            scopes: vec![program],
            written: Table::default(),
            region: 0,
            regions: 0,
            is_changed: false,
            met: None,
            searched: 0,
            has_past: false,
            with_past: (0, 0),
        }
    }

    /// Enters a region. Returns the one around it, for [`leave`](Self::leave).
    pub(crate) fn enter(&mut self) -> u32 {
        self.regions += 1;
        std::mem::replace(&mut self.region, self.regions)
    }

    pub(crate) fn leave(&mut self, around: u32) {
        self.region = around;
    }

    /// Whether the object was made in the region that is being followed.
    pub(crate) fn is_inside(&self, id: Id) -> bool {
        self.get(id).region == self.region
    }

    pub(crate) fn any(&mut self, values: impl IntoIterator<Item = Value>) -> Value {
        let (value, is_whole) = one_of(values);
        if !is_whole {
            self.met.get_or_insert(Bound::Alternatives);
        }
        value
    }

    fn is_full(&mut self) -> bool {
        let is_full = self.objects.len() + self.cells.len() + self.scopes.len() >= MOST_OBJECTS;
        if is_full {
            self.met.get_or_insert(Bound::Steps);
        }
        is_full
    }

    pub(crate) fn object(&mut self, kind: Kind<'a>, fields: Vec<Field>) -> Value {
        if self.is_full() {
            return Value::anything();
        }
        self.objects.push(Object {
            kind,
            fields,
            parent: None,
            region: self.region,
        });
        Value::Object(self.objects.len() as Id - 1)
    }

    pub(crate) fn list(&mut self, values: Vec<Value>) -> Value {
        self.object(Kind::List(values, false), Vec::new())
    }

    pub(crate) fn open_list(&mut self, values: Vec<Value>) -> Value {
        self.object(Kind::List(values, true), Vec::new())
    }

    pub(crate) fn get(&self, id: Id) -> &Object<'a> {
        &self.objects[id as usize]
    }

    pub(crate) fn set_parent(&mut self, id: Id, parent: Value) {
        self.objects[id as usize].parent = Some(parent);
    }

    pub(crate) fn as_list(&self, value: &Value) -> Option<(&[Value], bool)> {
        match value {
            Value::Object(id) => match &self.get(*id).kind {
                Kind::List(values, is_open) => Some((values, *is_open)),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn as_function(&self, value: &Value) -> Option<&Rc<Function<'a>>> {
        match value {
            Value::Object(id) => match &self.get(*id).kind {
                Kind::Function(function) => Some(function),
                _ => None,
            },
            _ => None,
        }
    }

    /// Writes a field of an object. An unknown name may be any.
    pub(crate) fn set_field(&mut self, id: Id, name: &str, value: Value, is_getter: bool) {
        let is_sure = self.objects[id as usize].region == self.region;
        let object = &mut self.objects[id as usize];
        if let Kind::List(values, is_open) = &mut object.kind
            && let Ok(at) = name.parse::<usize>()
        {
            if at >= MOST_ELEMENTS {
                *is_open = true;
                return;
            }
            if at >= values.len() {
                values.resize(at + 1, Value::Undefined);
                self.is_changed |= !is_sure;
            }
            let old = std::mem::replace(&mut values[at], Value::Undefined);
            let new = if is_sure {
                value
            } else {
                self.joined(old, value)
            };
            if let Kind::List(values, _) = &mut self.objects[id as usize].kind {
                values[at] = new;
            }
            return;
        }
        let at = object.fields.iter().position(|field| *field.name == *name);
        match at {
            Some(at) => {
                let old = object.fields[at].value.clone();
                let new = if is_sure {
                    value
                } else {
                    self.joined(old.clone(), value)
                };
                let field = &mut self.objects[id as usize].fields[at];
                self.has_past |= remember(&mut field.past, old, &new);
                field.value = new;
                field.is_getter |= is_getter;
            }
            None if object.fields.len() >= MOST_ELEMENTS => {
                self.met.get_or_insert(Bound::Steps);
            }
            None => {
                let value = if is_sure || is_getter {
                    value
                } else {
                    one_of([value, Value::Undefined]).0
                };
                self.is_changed |= !is_sure;
                let field = Field::new(name, value, is_getter);
                self.objects[id as usize].fields.push(field);
            }
        }
    }

    /// Appends elements to a list. If that may not happen, both lists remain possible.
    pub(crate) fn push(&mut self, id: Id, new: Vec<Value>) {
        let is_sure = self.objects[id as usize].region == self.region;
        let Kind::List(values, _) = &self.objects[id as usize].kind else {
            return;
        };
        if values.len() + new.len() > MOST_ELEMENTS {
            self.met.get_or_insert(Bound::Steps);
            return;
        }
        let room = values.len();
        for value in new {
            let value = if is_sure {
                value
            } else {
                self.any([value, Value::Absent])
            };
            let Kind::List(values, is_open) = &mut self.objects[id as usize].kind else {
                return;
            };
            // A loop with an unknown number of turns gives the same elements again.
            if !is_sure && values[..room].ends_with(std::slice::from_ref(&value)) {
                *is_open = true;
                continue;
            }
            values.push(value);
            self.is_changed |= !is_sure;
        }
    }

    /// Replaces the elements of a list.
    pub(crate) fn replace(&mut self, id: Id, new: Vec<Value>) {
        let is_sure = self.objects[id as usize].region == self.region;
        let Kind::List(values, _) = &self.objects[id as usize].kind else {
            return;
        };
        let old = values.clone();
        let longest = if is_sure {
            new.len()
        } else {
            old.len().max(new.len())
        };
        let at = |list: &[Value], at: usize| list.get(at).cloned().unwrap_or(Value::Absent);
        let values: Vec<Value> = (0..longest.min(MOST_ELEMENTS))
            .map(|n| {
                if is_sure {
                    at(&new, n)
                } else {
                    self.joined(at(&old, n), at(&new, n))
                }
            })
            .collect();
        if let Kind::List(old, _) = &mut self.objects[id as usize].kind {
            *old = values;
        }
    }

    /// Marks a list as having more elements than are known.
    pub(crate) fn open(&mut self, id: Id) {
        if let Kind::List(_, is_open) = &mut self.objects[id as usize].kind {
            *is_open = true;
        }
    }

    /// From now on, everything that exists is read with all its earlier values. This is for code
    /// that runs later, at an unknown time.
    pub(crate) fn read_with_past(&mut self) {
        self.with_past = (self.cells.len(), self.objects.len());
    }

    /// The value of a field.
    pub(crate) fn field_value(&self, id: Id, field: &Field) -> Value {
        match (id as usize) < self.with_past.1 {
            true => ever(&field.value, &field.past),
            false => field.value.clone(),
        }
    }

    /// The value that was assigned over a path of the runtime.
    pub(crate) fn written(&self, path: &str) -> Option<Value> {
        self.written.get(path).cloned()
    }

    /// Assigns over a path of the runtime. It may be read before and after.
    pub(crate) fn write_over(&mut self, path: &str, value: Value) {
        match self.written(path) {
            Some(old) => {
                let joined = self.joined(old, value);
                self.written.insert(path.into(), joined);
            }
            None if self.written.len() < MOST_ELEMENTS => {
                self.written.insert(path.into(), value);
            }
            None => {
                self.met.get_or_insert(Bound::Steps);
            }
        }
    }

    /// All values that the object is known to hold.
    pub(crate) fn all_of(&self, id: Id) -> Vec<Value> {
        let object = self.get(id);
        let mut values: Vec<Value> = match &object.kind {
            Kind::List(values, _) => values.clone(),
            _ => Vec::new(),
        };
        values.extend(object.fields.iter().map(|field| field.value.clone()));
        values
    }

    /// Whether the name of a field is unknown.
    pub(crate) fn has_unknown_name(&self, id: Id) -> bool {
        self.get(id)
            .fields
            .iter()
            .any(|field| field.name.contains(UNKNOWN))
    }
}
