/**
 * These packages and all that they stand on, in exactly the version that the project's lock has. npm reads no lock of a package
 * that it installs, so what is published asks for each by itself: otherwise what is below would be another thing each day.
 */
export function allBelow(names, { packages }) {
  const versions = new Map()
  const keep = one => {
    if (versions.has(one)) return
    const { version, dependencies = {} } = packages[`node_modules/${one}`] ?? {}
    if (!version) throw new Error(`${one} is not in package-lock.json where everybody finds it`)
    versions.set(one, version)
    for (const below of Object.keys(dependencies)) {
      // Two versions of one package cannot be asked for side by side.
      if (packages[`node_modules/${one}/node_modules/${below}`])
        throw new Error(`${one} has a ${below} of its own`)
      keep(below)
    }
  }
  for (const name of names) keep(name)
  return Object.fromEntries([...versions].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
