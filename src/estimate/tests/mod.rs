mod array;
mod engine;
mod equivalence;
mod example;
mod pe;
mod simplify;
