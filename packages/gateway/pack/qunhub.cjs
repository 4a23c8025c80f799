#!/usr/bin/env node
/**
 * `qunhub` in the package. A Node of 24 or newer runs it here, in this process; an older one hands it to the Node 26 that npm has
 * brought along. CommonJS, which is read without Node's threads: how many they are can still be said (run-on-node-26.mjs says why).
 */
'use strict'
const { enableCompileCache } = require('node:module')
const { join } = require('node:path')

const OWN_NODE_MIN = 24

if (Number(process.versions.node.split('.')[0]) >= OWN_NODE_MIN) {
  process.env.UV_THREADPOOL_SIZE ||= '128'
  // In a folder that nobody else may write to; where we may not either, it does without.
  enableCompileCache(join(__dirname, 'node_modules', '.cache', 'compiled'))
  import('./main.mjs')
} else {
  process.argv.splice(2, 0, join(__dirname, 'main.mjs'))
  import('./run-on-node-26.mjs')
}
