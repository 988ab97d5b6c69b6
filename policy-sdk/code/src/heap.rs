//! The objects of a program, which it changes as it runs.
//!
//! Code that may not run, or runs any number of times, is a *region*: a branch, a loop. Inside a
//! region, a change to something from outside adds an alternative. All other changes replace the
//! old value.

mod alternatives;
mod held;
mod regions;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::rc::Rc;

pub(crate) use held::Held;
pub(crate) use regions::{Region, Regions};

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
    pub(crate) value: Held,
    /// Whether reading it calls the value.
    pub(crate) is_getter: bool,
}

impl Field {
    fn new(name: &str, value: Value, is_getter: bool) -> Self {
        Self {
            name: name.into(),
            value: Held::new(value),
            is_getter,
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
    region: Region,
}

impl Object<'_> {
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| *field.name == *name)
    }

    /// Whether the name of a field is unknown.
    pub(crate) fn has_unknown_name(&self) -> bool {
        let mut names = self.fields.iter().map(|field| &field.name);
        names.any(|name| name.contains(UNKNOWN))
    }

    /// Whether it has no more elements and fields than those that are known.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::List(_, true)) && !self.has_unknown_name()
    }

    /// All values that it is known to hold.
    pub(crate) fn values(&self) -> Vec<Value> {
        let mut values: Vec<Value> = match &self.kind {
            Kind::List(values, _) => values.clone(),
            _ => Vec::new(),
        };
        values.extend(self.fields.iter().map(|field| field.value.now().clone()));
        values
    }
}

/// Without random keys: a policy has none, and a program is as long as its bound allows.
pub(crate) type Table<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// The objects of a program.
pub(crate) struct Heap<'a> {
    objects: Vec<Object<'a>>,
    /// Values that were assigned over the runtime's own: `globalThis.x = …`.
    written: Table<Rc<str>, Value>,
    pub(crate) regions: Regions,
    /// How many objects, variables and scopes the program made, its own scope included.
    made: usize,
    /// The first bound that was exceeded, if any.
    met: Option<Bound>,
    /// How many objects are read with all their earlier values.
    with_past: usize,
}

impl<'a> Heap<'a> {
    pub(crate) fn new() -> Self {
        Self {
            objects: Vec::new(),
            written: Table::default(),
            regions: Regions::default(),
            made: 1,
            met: None,
            with_past: 0,
        }
    }

    /// The first bound that was exceeded, if any.
    pub(crate) fn met(&self) -> Option<Bound> {
        self.met
    }

    /// Notes that a bound was exceeded.
    pub(crate) fn exceed(&mut self, bound: Bound) {
        self.met.get_or_insert(bound);
    }

    /// Whether the object was made in the region that is being followed.
    pub(crate) fn is_inside(&self, id: Id) -> bool {
        self.get(id).region == self.regions.current()
    }

    pub(crate) fn any(&mut self, values: impl IntoIterator<Item = Value>) -> Value {
        let (value, is_whole) = one_of(values);
        if !is_whole {
            self.exceed(Bound::Alternatives);
        }
        value
    }

    /// Counts an object, a variable or a scope. Returns whether there is room for it.
    pub(crate) fn take_room(&mut self) -> bool {
        if self.made >= MOST_OBJECTS {
            self.exceed(Bound::Steps);
            return false;
        }
        self.made += 1;
        true
    }

    pub(crate) fn object(&mut self, kind: Kind<'a>, fields: Vec<Field>) -> Value {
        if !self.take_room() {
            return Value::anything();
        }
        self.objects.push(Object {
            kind,
            fields,
            parent: None,
            region: self.regions.current(),
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
        let object = &self.objects[id as usize];
        if let Kind::List(..) = object.kind
            && let Ok(at) = name.parse::<usize>()
        {
            return self.set_element(id, at, value);
        }
        let at = object.fields.iter().position(|field| *field.name == *name);
        match at {
            Some(at) => self.change_field(id, at, value, is_getter),
            None if object.fields.len() >= MOST_ELEMENTS => self.exceed(Bound::Steps),
            None => self.add_field(id, name, value, is_getter),
        }
    }

    fn set_element(&mut self, id: Id, at: usize, value: Value) {
        let is_sure = self.is_inside(id);
        let Kind::List(values, is_open) = &mut self.objects[id as usize].kind else {
            return;
        };
        if at >= MOST_ELEMENTS {
            *is_open = true;
            return;
        }
        let is_longer = at >= values.len();
        if is_longer {
            values.resize(at + 1, Value::Undefined);
        }
        if is_sure {
            values[at] = value;
            return;
        }
        let old = std::mem::replace(&mut values[at], Value::Undefined);
        self.regions.note_change(is_longer);
        let new = self.joined(old, value);
        if let Kind::List(values, _) = &mut self.objects[id as usize].kind {
            values[at] = new;
        }
    }

    fn change_field(&mut self, id: Id, at: usize, value: Value, is_getter: bool) {
        let object = &self.objects[id as usize];
        let new = if self.is_inside(id) {
            value
        } else {
            let old = object.fields[at].value.now().clone();
            self.joined(old, value)
        };
        let field = &mut self.objects[id as usize].fields[at];
        field.is_getter |= is_getter;
        let is_replaced = field.value.replace(new);
        self.regions.note_past(is_replaced);
    }

    fn add_field(&mut self, id: Id, name: &str, value: Value, is_getter: bool) {
        let is_sure = self.is_inside(id);
        let value = if is_sure || is_getter {
            value
        } else {
            one_of([value, Value::Undefined]).0
        };
        self.regions.note_change(!is_sure);
        let field = Field::new(name, value, is_getter);
        self.objects[id as usize].fields.push(field);
    }

    /// Assigns a value to a variable of this region, or adds it to one from outside.
    pub(crate) fn assign(&mut self, held: &mut Held, region: Region, value: Value) {
        if region == self.regions.current() {
            let is_replaced = held.replace(value);
            return self.regions.note_past(is_replaced);
        }
        let joined = self.joined(held.now().clone(), value);
        held.extend(joined);
    }

    /// Appends elements to a list. If that may not happen, both lists remain possible.
    pub(crate) fn push(&mut self, id: Id, new: Vec<Value>) {
        let is_sure = self.is_inside(id);
        let Kind::List(values, _) = &self.objects[id as usize].kind else {
            return;
        };
        if values.len() + new.len() > MOST_ELEMENTS {
            self.exceed(Bound::Steps);
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
            self.regions.note_change(!is_sure);
        }
    }

    /// Replaces the elements of a list.
    pub(crate) fn replace(&mut self, id: Id, new: Vec<Value>) {
        let is_sure = self.is_inside(id);
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

    /// From now on, each object that exists is read with all its earlier values.
    pub(crate) fn read_with_past(&mut self) {
        self.with_past = self.objects.len();
    }

    /// The value of a field.
    pub(crate) fn field_value(&self, id: Id, field: &Field) -> Value {
        match (id as usize) < self.with_past {
            true => field.value.ever(),
            false => field.value.now().clone(),
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
                self.exceed(Bound::Steps);
            }
        }
    }
}
