/** The gateway's sources and nearly all that they stand on, in few files of JavaScript. */
import { basename, resolve } from 'node:path'
import { rolldown } from 'rolldown'

/** It looks for its own parts by names that it makes when it runs, so it stays a package beside the bundle. */
export const EXTERNAL = '@juzi/wechaty-grpc'

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/

/** Resolves with the names of the packages that are in it. */
export async function bundle(entry, dist) {
  const built = await rolldown({
    input: { main: entry },
    platform: 'node',
    // `pg` asks for the latter where it is there.
    external: [EXTERNAL, 'pg-native'],
    plugins: [shippedPlaces],
  })
  const { output } = await built.write({
    dir: dist,
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    // Errors go by the names of their classes, and what a stack names should be found in the sources: names stay.
    keepNames: true,
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  })
  await built.close()
  const modules = output.flatMap(chunk => Object.keys(chunk.modules ?? {}))
  return [...new Set(modules.map(file => PACKAGE.exec(file)?.[1]).filter(Boolean))]
}

/** What is read by its path lies elsewhere in the package. */
const shippedPlaces = {
  name: 'shipped-places',
  resolveId(source, importer) {
    if (basename(source) !== 'where-files-lie.ts' || !importer) return null
    return resolve(importer, '..', source).replace(/\.ts$/, '.shipped.ts')
  },
}
