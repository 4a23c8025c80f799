import { defineConfig } from 'vite'

/**
 * Where the console stands is said by whoever serves it, so all that it loads is named from its own files on; only index.html,
 * which answers at every path of the console, has its `"./` replaced (docs/decisions/0083).
 */
export default defineConfig({
  base: './',
  build: {
    outDir: process.env.QUNHUB_CONSOLE_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Neither data: URLs in styles nor inline scripts pass the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What changes with every release apart from what seldom does, so that a browser keeps the latter.
        codeSplitting: {
          groups: [
            {
              name: 'kit',
              test: /node_modules[\\/](react|react-dom|scheduler|@mantine|@floating-ui|@tanstack)[\\/]/,
            },
          ],
        },
      },
    },
  },
})
