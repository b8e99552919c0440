#include "compare/pages/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gapbench::compare {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Page small_page() {
  Table table("A | caption");
  table.add("Name", {"sgd|x", "b"});
  Cells numbers{"1.0 ± 0.1", "2.0"};
  numbers[0].best = true;
  numbers[0].order = 1.0;
  table.add("Acc % ↑", numbers);
  return {Heading{2, "Title"}, Text("plain ").strong("bold").add(" and ").code("--flag"),
          Bullets{{Text("one"), Text("two")}}, table};
}

TEST(Page, AsMarkdown) {
  EXPECT_EQ(to_markdown(small_page()),
            "## Title\n\nplain **bold** and `--flag`\n\n- one\n- two\n\n"
            "| Name | Acc % ↑ |\n|:---|---:|\n| sgd\\|x | **1.0 ± 0.1** |\n| b | 2.0 |\n");
}

TEST(Page, AsHtml) {
  EXPECT_EQ(to_html(small_page()),
            "<h2>Title</h2>\n"
            "<p>plain <strong>bold</strong> and <code>--flag</code></p>\n"
            "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
            "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"A | caption\">"
            "<table>\n<caption>A | caption</caption>\n<thead><tr><th scope=\"col\">Name</th>"
            "<th scope=\"col\">Acc % ↑</th></tr></thead>\n<tbody>\n"
            "<tr><th scope=\"row\">sgd|x</th><td data-order=\"1\"><strong>1.0 ± 0.1</strong></td>"
            "</tr>\n<tr><th scope=\"row\">b</th><td>2.0</td></tr>\n</tbody></table></div>\n");
}

TEST(Page, FoldsInHtmlAlone) {
  Table table("t");
  table.add("Row", {"a"});
  Cell cell("long");
  cell.behind = "3 < 4";
  table.add("Own", {cell});
  const Page page{Text("shared").fold("12 settings"), table};
  const std::string html = to_html(page);
  EXPECT_THAT(html, HasSubstr("<details><summary>12 settings</summary><p>shared</p></details>\n"));
  EXPECT_THAT(html, HasSubstr("<td><details><summary>3 &lt; 4</summary>long</details></td>"));
  EXPECT_EQ(to_markdown(page), "shared\n\n| Row | Own |\n|:---|---:|\n| a | long |\n");
}

TEST(Page, NothingOfAUserIsHtml) {
  const std::string hostile = "<script>alert('1')</script>&\"";
  Table table(hostile);
  table.add(hostile, {hostile});
  const std::string html = to_html({Heading{1, hostile}, Text(hostile), Bullets{{hostile}}, table});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html,
              HasSubstr("<h1>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;</h1>"));
}

TEST(Page, AsLatex) {
  const std::string latex = to_latex(small_page());
  EXPECT_THAT(latex,
              HasSubstr("\\subsection*{Title}\n\nplain \\textbf{bold} and \\texttt{--flag}\n"));
  EXPECT_THAT(latex,
              HasSubstr("\\begin{tabular}{lr}\n\\toprule\n{Name} & {Acc \\% $\\uparrow$} \\\\\n"
                        "\\midrule\n{sgd\\textbar{}x} & \\textbf{1.0 $\\pm$ 0.1} \\\\\n"
                        "{b} & {2.0} \\\\\n\\bottomrule\n"));
  EXPECT_THAT(latex, HasSubstr("\\caption{A \\textbar{} caption}"));
}

TEST(Page, NothingOfAUserIsLatex) {
  const std::string latex = to_latex({Text("\\input{x} $a_1^2$ & #1 ~ é 😀 \xff %")});
  EXPECT_THAT(latex, HasSubstr("\\textbackslash{}input\\{x\\} \\$a\\_1\\textasciicircum{}2\\$ \\& "
                               "\\#1 \\textasciitilde{} é U+1F600 U+00FF \\%\n"));
}

}  // namespace
}  // namespace gapbench::compare
