//! Names and their values.

use super::{Cell, Heap, Scope, Table, ever, remember};
use crate::value::Value;

impl<'a> Heap<'a> {
    /// Opens a scope inside another.
    pub(crate) fn scope(&mut self, parent: u32, is_function: bool) -> u32 {
        if self.is_full() {
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
    pub(crate) fn declare(&mut self, scope: u32, name: &'a str, value: Value) {
        let known = self.scopes[scope as usize].names.get(name).copied();
        if let Some(cell) = known {
            return self.write(cell, value);
        }
        if self.is_full() {
            return;
        }
        self.cells.push(Cell {
            value,
            region: self.region,
            past: Vec::new(),
        });
        let cell = self.cells.len() as u32 - 1;
        self.scopes[scope as usize].names.insert(name, cell);
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

    /// Returns the place of a name, and the object of a `with` that may have it.
    pub(crate) fn find(&mut self, mut scope: u32, name: &str) -> (Option<u32>, Option<Value>) {
        let mut object = None;
        loop {
            let here = &self.scopes[scope as usize];
            self.searched += 1;
            if let Some(cell) = here.names.get(name) {
                return (Some(*cell), object);
            }
            object = object.or_else(|| here.object.clone());
            match here.parent {
                Some(parent) => scope = parent,
                None => return (None, object),
            }
        }
    }

    pub(crate) fn read(&self, cell: u32) -> Value {
        let is_old = (cell as usize) < self.with_past.0;
        let cell = &self.cells[cell as usize];
        match is_old {
            true => ever(&cell.value, &cell.past),
            false => cell.value.clone(),
        }
    }

    pub(crate) fn write(&mut self, cell: u32, value: Value) {
        let at = cell as usize;
        if self.cells[at].region == self.region {
            let old = std::mem::replace(&mut self.cells[at].value, value.clone());
            self.has_past |= remember(&mut self.cells[at].past, old, &value);
            return;
        }
        let old = self.cells[at].value.clone();
        self.cells[at].value = self.joined(old, value);
    }
}
