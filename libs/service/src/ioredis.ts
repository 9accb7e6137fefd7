export { Cluster, Command, Redis } from 'ioredis';

/**
 * ioredis declares a class that extends String. With that V8 keeps String.prototype as a dictionary, in which each call of a
 * string's method is looked up anew, all over the process and in optimised code too: to read a SIP message takes twice as
 * long. Walking the properties of a string makes V8 lay the prototype out for fast access again, for good.
 */
function mendStringPrototype(): number {
  let walked = 0;
  for (const key in Object.create(String.prototype)) walked += key.length;
  return walked;
}

mendStringPrototype();
