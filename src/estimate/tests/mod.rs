mod array;
mod designs;
mod engine;
mod equivalence;
mod example;
mod pe;
mod simplify;
