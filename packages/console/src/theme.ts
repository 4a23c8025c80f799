import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

/** The blue of the consoles that SCRM people know, from light to dark. White on the seventh passes contrast in both schemes. */
const blue: MantineColorsTuple = [
  '#e8f1ff',
  '#cfe1ff',
  '#a3c4ff',
  '#69a5ff',
  '#4096ff',
  '#1f6feb',
  '#0958d9',
  '#0a4cbb',
  '#0b3f99',
  '#0c3377',
]

/** From the ink of the dark scheme to its ground: what the kit paints with, such as fields and what is switched off. */
const dark: MantineColorsTuple = [
  '#e6eaf2',
  '#c3ccdb',
  '#aab4c5',
  '#8f9bb0',
  '#5b6880',
  '#2a3446',
  '#171f2c',
  '#131a26',
  '#0f1520',
  '#0a1120',
]

export const theme = createTheme({
  colors: { blue, dark },
  primaryColor: 'blue',
  primaryShade: 6,
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '14px', md: '14px' },
  lineHeights: { xs: '1.5', sm: '1.5715', md: '1.5715' },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontWeight: '600' },
  components: {
    Button: { defaultProps: { size: 'compact-md', variant: 'default' }, classNames: { root: 'press' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        // Its <header> would be a second banner of the page.
        attributes: { header: { role: 'presentation' } },
      },
    },
  },
})

/** The kit takes its colours from the tokens in console.css, so that they are said once. */
const fromTokens = {
  '--mantine-color-body': 'var(--paper)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-2)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-anchor': 'var(--blue)',
  '--mantine-color-error': 'var(--red)',
  '--mantine-color-default': 'var(--paper)',
  '--mantine-color-default-hover': 'var(--ground)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line)',
}

/** Said for either scheme, because the kit says them for each. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--input-height-xs': '32px', '--input-fz-xs': '14px' },
  light: fromTokens,
  dark: fromTokens,
})
