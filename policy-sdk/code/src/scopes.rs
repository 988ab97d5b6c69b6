//! Names and the variables that they stand for.

use crate::heap::{Heap, Held, Region, Table};
use crate::value::Value;

/// The names of a block, a function or the program.
struct Scope<'a> {
    parent: Option<u32>,
    /// Names, and where their variables are.
    names: Table<&'a str, u32>,
    is_function: bool,
    /// The object of a `with`, whose fields are names here.
    object: Option<Value>,
}

struct Variable {
    value: Held,
    region: Region,
}

/// The scopes of a program, and all its variables.
pub(crate) struct Scopes<'a> {
    scopes: Vec<Scope<'a>>,
    variables: Vec<Variable>,
    /// How many names were compared to find others.
    searched: usize,
    /// How many variables are read with all their earlier values.
    with_past: usize,
}

impl<'a> Scopes<'a> {
    /// The scope of the program.
    pub(crate) const PROGRAM: u32 = 0;

    pub(crate) fn new() -> Self {
        let program = Scope {
            parent: None,
            names: Table::default(),
            is_function: true,
            object: None,
        };
        Self {
            scopes: vec![program],
            variables: Vec::new(),
            searched: 0,
            with_past: 0,
        }
    }

    /// Opens a scope inside another.
    pub(crate) fn open(&mut self, parent: u32, is_function: bool, heap: &mut Heap<'a>) -> u32 {
        if !heap.take_room() {
            return parent;
        }
        let scope = Scope {
            parent: Some(parent),
            names: Table::default(),
            is_function,
            object: None,
        };
        self.scopes.push(scope);
        self.scopes.len() as u32 - 1
    }

    /// Makes the fields of an object names in the scope.
    pub(crate) fn with(&mut self, scope: u32, object: Value) {
        self.scopes[scope as usize].object = Some(object);
    }

    /// Declares a name in the scope.
    pub(crate) fn declare(&mut self, scope: u32, name: &'a str, value: Value, heap: &mut Heap<'a>) {
        let known = self.scopes[scope as usize].names.get(name).copied();
        if let Some(variable) = known {
            return self.write(variable, value, heap);
        }
        if !heap.take_room() {
            return;
        }
        self.variables.push(Variable {
            value: Held::new(value),
            region: heap.regions.current(),
        });
        let variable = self.variables.len() as u32 - 1;
        self.scopes[scope as usize].names.insert(name, variable);
    }

    /// The scope of the function that contains this one.
    pub(crate) fn function_scope(&self, mut scope: u32) -> u32 {
        while !self.scopes[scope as usize].is_function {
            match self.scopes[scope as usize].parent {
                Some(parent) => scope = parent,
                None => break,
            }
        }
        scope
    }

    /// Returns the place of a name's variable, and the object of a `with` that may have the name.
    pub(crate) fn find(&mut self, mut scope: u32, name: &str) -> (Option<u32>, Option<Value>) {
        let mut object = None;
        loop {
            let here = &self.scopes[scope as usize];
            self.searched += 1;
            if let Some(variable) = here.names.get(name) {
                return (Some(*variable), object);
            }
            object = object.or_else(|| here.object.clone());
            match here.parent {
                Some(parent) => scope = parent,
                None => return (None, object),
            }
        }
    }

    /// Returns how many names were compared since the last time.
    pub(crate) fn take_searched(&mut self) -> usize {
        std::mem::take(&mut self.searched)
    }

    pub(crate) fn read(&self, variable: u32) -> Value {
        let held = &self.variables[variable as usize].value;
        match (variable as usize) < self.with_past {
            true => held.ever(),
            false => held.now().clone(),
        }
    }

    pub(crate) fn write(&mut self, variable: u32, value: Value, heap: &mut Heap<'a>) {
        let variable = &mut self.variables[variable as usize];
        heap.assign(&mut variable.value, variable.region, value);
    }

    /// From now on, each variable that exists is read with all its earlier values.
    pub(crate) fn read_with_past(&mut self) {
        self.with_past = self.variables.len();
    }
}
