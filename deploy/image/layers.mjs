/** `node layers.mjs <folder>`: the layers of an image, compressed as they are sent. What is ours lies on Debian and Node. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const { layers } = JSON.parse(readFileSync(join(process.argv[2], 'manifest.json'), 'utf8'))
const [debian, node, ...ours] = layers.map(({ size }) => size)
const megabytes = size => `${(size / 1e6).toFixed(1)} MB`
console.log(`Debian ${megabytes(debian)}`)
console.log(`Node ${megabytes(node)}`)
console.log(`Qunhub ${megabytes(ours.reduce((sum, size) => sum + size, 0))}`)
