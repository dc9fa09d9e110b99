/** One colour for each cohort, none of them amber, which means synthetic, or red. */
export const cohortColours = [
  '#4f9dde',
  '#35b58a',
  '#d08abd',
  '#b8a1f0',
  '#8fb339',
  '#6fc3d8',
  '#c9b458',
  '#9aa2ab',
] as const;

export function colourOf(place: number): string {
  return cohortColours[place % cohortColours.length] ?? cohortColours[0];
}

export const chartStyle = {
  background: 'transparent',
  color: 'var(--text-muted)',
  fontSize: '12px',
  fontFamily: 'inherit',
} as const;
